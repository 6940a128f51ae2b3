/** The store's logo as a receipt printer wants it: black or white dots (a PBM file), light greys by error diffusion (Floyd and Steinberg). */

const WIDTH_MAX = 320;
const HEIGHT_MAX = 120;

/** @type {Map<string, Promise<string>>} */
const known = new Map();

/** The picture at this address as PBM (P4) in base64; "" when it cannot be had. @param {string} address @returns {Promise<string>} */
export function dotted(address) {
  if (!known.has(address)) known.set(address, draw(address).catch(() => (known.delete(address), "")));
  return /** @type {Promise<string>} */ (known.get(address));
}

/** @param {string} address @returns {Promise<string>} */
async function draw(address) {
  const image = new Image();
  image.src = address;
  await image.decode();
  const scale = Math.min(1, WIDTH_MAX / image.naturalWidth, HEIGHT_MAX / image.naturalHeight);
  const width = Math.max(1, Math.round(image.naturalWidth * scale));
  const height = Math.max(1, Math.round(image.naturalHeight * scale));
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const paint = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  paint.fillStyle = "#fff";
  paint.fillRect(0, 0, width, height);
  paint.drawImage(image, 0, 0, width, height);
  return pbm(paint.getImageData(0, 0, width, height));
}

/** @param {ImageData} picture @returns {string} */
function pbm({ data, width, height }) {
  const light = Float32Array.from({ length: width * height }, (_, n) => 0.2126 * data[4 * n] + 0.7152 * data[4 * n + 1] + 0.0722 * data[4 * n + 2]);
  const across = Math.ceil(width / 8);
  const bits = new Uint8Array(across * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const here = y * width + x;
      const black = light[here] < 128;
      const rest = light[here] - (black ? 0 : 255);
      if (black) bits[y * across + (x >> 3)] |= 0x80 >> (x & 7);
      if (x + 1 < width) light[here + 1] += (rest * 7) / 16;
      if (y + 1 < height) {
        if (x > 0) light[here + width - 1] += (rest * 3) / 16;
        light[here + width] += (rest * 5) / 16;
        if (x + 1 < width) light[here + width + 1] += rest / 16;
      }
    }
  return btoa(`P4\n${width} ${height}\n` + String.fromCharCode(...bits));
}
