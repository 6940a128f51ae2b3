"""Every bound of the live drivers, in one place. A full queue refuses; it never grows."""

BATCH_MAX = 64  # commands decided and committed together
MAILBOX_MAX = 1024  # commands of shoppers waiting per store; the next one is told to come back
STAFF_LANE_MAX = 1024  # the same for staff, whose lane goes first
MAILBOX_RETRY_S = 1.0  # what a command that found no place is told to wait
RECENT_MAX = 512  # receipts kept in memory per store, for who sends again at once; the journal knows the rest
APPEND_TRIES_MAX = 20  # version conflicts or repeats in a row before a batch is given back as retryable
STORAGE_RETRY_S = 1.0  # what clients are told, and how long the clock's own commands wait
OLD_DAYS_MAX = 2  # days before the current one kept in memory for phones that are still open
LINKS_MAX = 50_000  # phone links kept in memory; the journal knows the rest

ESTIMATE_EVERY_S = 0.25  # real seconds between two estimates of one store, at least
ESTIMATE_SHARE = 0.06  # of this process's time that the estimates of all stores may take together
ESTIMATE_RIDE_S = 3.0  # real seconds that an estimate which had to wait for its place waits for a command to ride with, at most
ESTIMATE_REFRESH_S = 15.0  # seconds of the store's clock after which ranges are looked at again, if somebody waits
TIMER_MAX_S = 60.0  # real seconds an actor sleeps at most: the wall may have been corrected meanwhile

LOOK_EVERY_S = 1.0  # how often a node looks at what other nodes wrote, whatever it was told
FOLLOW_S = 0.25  # a store whose last events came from another node leaves its deadlines to that one for this long
FRESH_S = 1.0  # how long a screen that connects waits for the newest state of a journal that several nodes share

SUBSCRIPTIONS_MAX = 20_000  # screens open at once in this process
PUBLISH_EVERY_S = 0.05  # real seconds between two publications of a store that is never idle

OUTBOX_BATCH = 64  # effects delivered in one round
OUTBOX_AHEAD_MAX = 1000  # effects that are not due yet are looked at for having been put off too long
OUTBOX_POLL_S = 5.0  # the outbox looks this often, also when nobody wakes it
OUTBOX_LEASE_S = 60.0  # an effect that one node delivers is left alone by the others for this long
OUTBOX_TRIES_MAX = 8  # then an effect is given up, loudly
OUTBOX_RETRY_S = 5.0  # the first pause between two tries, doubled with every one
CONTACT_MAX_S = 24 * 3600.0  # a contact never stays longer than this; the store says how long after the visit
NAME_MAX = 60  # characters of a first name
PHONE_MAX = 20  # characters of a telephone number

SEND_BUFFER_BYTES = 32 * 1024  # per socket in the kernel: a stuck phone must not be owed minutes of stale views
BACKLOG = 2048  # connections the kernel may hold before they are accepted
ACCEPTED_A_TURN = 32  # new connections that a turn of the event loop takes in at most

GARBAGE_EVERY_S = 0.05  # the collector looks at new objects this often: a millisecond or two
GARBAGE_YOUNG = 10_000  # and when there are so many more than before
GARBAGE_OLDER = 10  # of such looks between two at what outlived them
GARBAGE_OLDEST = 1_000_000  # and of those between two at everything: never by itself
FREEZE_EVERY_SUBSCRIPTIONS = 1000  # connections after which the garbage collector forgets what is long-lived
SWITCH_S = 0.0005  # the journal's thread asks for the interpreter this often: at the usual 5 ms a commit waits ten times for the loop
