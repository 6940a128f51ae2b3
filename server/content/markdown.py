"""Markdown to a tree of a few harmless elements, never to HTML text.

A content item is written by people of the store; its page must not run or load anything. So the text is
parsed with raw HTML off, and what comes out is a JSON tree ``[tag, attributes, *children]`` holding only
the tags below. The screen builds elements from it (``grow`` in dom.js, with the same list): no string is
ever parsed as HTML on the way.
"""

from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

Tree = str | list[Any]

TAGS = frozenset(
    {"p", "h2", "h3", "ul", "ol", "li", "strong", "em", "a", "br", "hr", "blockquote", "code", "table", "thead", "tbody", "tr", "th", "td"}
)
SCHEMES = ("https://", "http://")

_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")


def trees(text: str) -> list[Tree]:
    """The blocks of a Markdown text, in order. Whatever is not in ``TAGS`` (images, raw HTML) is left out or kept as plain text."""
    return _children(SyntaxTreeNode(_PARSER.parse(text)))


def _children(node: SyntaxTreeNode) -> list[Tree]:
    return [tree for child in node.children for tree in _grown(child)]


def _grown(node: SyntaxTreeNode) -> list[Tree]:
    """The trees a node becomes: itself if its tag is allowed, else what is inside it."""
    match node.type:
        case "text":
            return [node.content]
        case "softbreak":
            return [" "]
        case "code_inline":
            return [["code", {}, node.content]]
        case "fence" | "code_block":
            return [["p", {}, ["code", {}, node.content.rstrip()]]]
    tag = "h2" if node.tag == "h1" else node.tag
    inner = _children(node)
    return [[tag, _attributes(node), *inner]] if tag in TAGS else inner


def _attributes(node: SyntaxTreeNode) -> dict[str, str]:
    """Only links keep anything, and only to the web."""
    address = str(node.attrs.get("href", ""))
    return {"href": address} if node.tag == "a" and address.startswith(SCHEMES) else {}
