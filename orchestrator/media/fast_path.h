/* What orchestrator/media/fast_path.c does, and what it shares with Python: cffi reads this file too, so it
 * holds declarations alone, without directives. Times are monotonic seconds. */

/* Where a stream stands that came in order until now (receive.py). */
struct stream_order {
    int64_t position;      /* of the sound that is due, in clock units since the first packet */
    double last_arrival;
    double in_order_at;    /* when the latest packet came that was in order */
    uint32_t ssrc;
    uint32_t timestamp;    /* that is due */
    int32_t frame;         /* clock units of the latest packet */
    uint16_t expected;     /* sequence number that is due */
    uint8_t plain;         /* whether a packet that is due may pass: nothing waits, nothing is filled in */
};

/* Loss and jitter of that stream, counted at arrival (statistics.py). */
struct reception {
    int64_t received;
    int64_t received_here; /* of the present source */
    int64_t highest;       /* sequence number, with wraps */
    double last_arrival;
    double jitter;         /* in clock units */
    uint32_t ssrc;
    uint32_t last_timestamp;
    int32_t clock_rate;    /* Hz */
};

struct endpoint_address {
    uint8_t bytes[28];     /* a sockaddr_in or sockaddr_in6 */
    uint32_t length;
};

/* What sound is put between, in base64, to be a message for whoever hears it. */
struct envelope {
    const char *before, *behind;   /* null where sound is wanted alone; Python keeps them */
    int32_t before_size, behind_size;
};

/* One caller's packets that are due: where they come from, and what makes sound of them. */
struct inbound_path {
    struct endpoint_address source;
    struct stream_order *order;
    struct reception *reception;
    void *keys;            /* srtp_t */
    void *decoder;         /* OpusDecoder at 24 kHz; null to have payloads in place of sound */
    int32_t payload_type;
    int32_t is_opus;       /* otherwise a byte of payload is one clock unit */
    struct envelope envelope;
};

/* Frames of sound that are sent one after the other, and booked together afterwards. */
struct loan {
    const char *sound;     /* of the next frame; Python keeps it */
    void *encoder;         /* OpusEncoder; null where sound is the payload */
    int32_t frames;        /* that are left */
    int32_t frame_bytes;
    int32_t frame_units;   /* of the clock */
    int32_t second;        /* byte of the header: marker and payload type */
    int32_t octets;        /* of payload, of what was sent */
    int32_t unsent;        /* packets that the system refused */
    uint32_t timestamp;    /* of the latest packet */
    uint16_t sequence;
};

/* One caller's sound on its way out. */
struct outbound_path {
    struct endpoint_address target;
    void *keys;
    uint32_t ssrc;
    int32_t udp_socket;
    int32_t unsent;        /* whether the system refused the latest packet */
    struct loan loan;
};

enum arrival_kind {
    DATAGRAM,              /* for Python, as it came */
    OPENED,                /* an RTP packet for Python, which was opened already */
    SOUND,
    UNDECODABLE            /* a packet that was booked, and of which there is no sound */
};

/* What became of one datagram. */
struct arrival {
    int32_t kind;
    int32_t path;          /* index of the inbound path */
    int32_t offset;        /* bytes, in the sound or the datagrams */
    int32_t size;          /* bytes; milliseconds of what is undecodable */
    int32_t position;      /* milliseconds since the caller's first packet */
    int32_t frame_offset;  /* bytes, in the frames */
    int32_t frame_size;    /* 0 without a frame */
};

struct fast_port;

void fast_path_use(void *unprotect, void *protect, void *decode, void *encode);
int fast_path_resolve(struct endpoint_address *address, const char *host, int port);
struct fast_port *fast_port_open(int udp_socket);
void fast_port_close(struct fast_port *port);
int fast_port_add(struct fast_port *port, struct inbound_path *path);
void fast_port_remove(struct fast_port *port, int index);
int fast_port_receive(struct fast_port *port, double now);
struct arrival *fast_port_arrivals(struct fast_port *port);
char *fast_port_sound(struct fast_port *port);
char *fast_port_frames(struct fast_port *port);
char *fast_port_datagrams(struct fast_port *port);
struct endpoint_address *fast_port_sources(struct fast_port *port);
int fast_path_send(struct outbound_path *path, void *encoder, const char *sound, int size, int second,
                   int sequence, uint32_t timestamp);
int fast_path_send_next(struct outbound_path *path);
