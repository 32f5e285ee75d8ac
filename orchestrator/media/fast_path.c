/* The fast path of sound: what nearly every packet takes, a beat of them in one call.
 *
 * It decides nothing. A packet that is due (the next of its source, at its time, of the codec) is opened,
 * booked, decoded, and put into a frame of a WebSocket where that is wanted; a frame is encoded, protected
 * and sent. Everything else is left to Python as it came, which does the same work where this file was not
 * compiled. Used by one thread; nothing is allocated but in fast_port_open. libsrtp and libopus are those
 * that Python has loaded. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#ifdef __APPLE__
#include <sys/random.h>
#endif

#include "fast_path.h"

enum {
    BURST = 64,              /* datagrams of one call; as udp_port.py reads */
    ROOM = 1504,         /* bytes of room for one, longest and one more included */
    LARGEST_DATAGRAM = 1500,
    HEADER = 12,
    LARGEST_PAYLOAD = 1200,
    LARGEST_TRAILER = 144,   /* SRTP_MAX_TRAILER_LEN */
    SOUND_SAMPLES = 2880,    /* 120 ms at 24 kHz, the longest packet of Opus */
    FRAME_ROOM = 8192,       /* bytes of that sound as a frame, its envelope included */
    FRAME_HEADER = 8,
    SHORT_FRAME = 125,       /* bytes of text in one of another form, too short to be sound */
    KEYS = 256,              /* bytes of masking keys that the system is asked for at once */
    NOTHING_LEFT = -1,       /* OPUS_BAD_ARG */
    PATHS = 4096
};

typedef int (*process_t)(void *context, void *packet, int *size);
typedef int (*decode_t)(void *decoder, const unsigned char *packet, int32_t size, int16_t *sound, int samples,
                        int correction);
typedef int32_t (*encode_t)(void *encoder, const void *sound, int samples, unsigned char *packet, int32_t size);

static process_t unprotect, protect;
static decode_t decode;
static encode_t encode;

struct fast_port {
    int udp_socket;
    int paths;
    struct inbound_path *path[PATHS];
    struct arrival arrival[BURST];
    struct endpoint_address source[BURST];
    unsigned char datagram[BURST][ROOM];
    int16_t sound[BURST * SOUND_SAMPLES];
    unsigned char frame[BURST * FRAME_ROOM];
    unsigned char keys[KEYS];
    int keys_left;
};

void fast_path_use(void *unprotect_, void *protect_, void *decode_, void *encode_)
{
    unprotect = (process_t)unprotect_;
    protect = (process_t)protect_;
    decode = (decode_t)decode_;
    encode = (encode_t)encode_;
}

int fast_path_resolve(struct endpoint_address *address, const char *host, int port)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, host, &v4.sin_addr) == 1) {
        memcpy(address->bytes, &v4, sizeof v4);
        address->length = sizeof v4;
    } else if (inet_pton(AF_INET6, host, &v6.sin6_addr) == 1) {
        memcpy(address->bytes, &v6, sizeof v6);
        address->length = sizeof v6;
    }
    return address->length != 0;
}

struct fast_port *fast_port_open(int udp_socket)
{
    struct fast_port *port = calloc(1, sizeof *port);
    if (port != NULL)
        port->udp_socket = udp_socket;
    return port;
}

void fast_port_close(struct fast_port *port) { free(port); }
struct arrival *fast_port_arrivals(struct fast_port *port) { return port->arrival; }
char *fast_port_sound(struct fast_port *port) { return (char *)port->sound; }
char *fast_port_frames(struct fast_port *port) { return (char *)port->frame; }
char *fast_port_datagrams(struct fast_port *port) { return (char *)port->datagram; }
struct endpoint_address *fast_port_sources(struct fast_port *port) { return port->source; }

/* Returns the index of the path from now on, -1 where there is no room. */
int fast_port_add(struct fast_port *port, struct inbound_path *path)
{
    int index = 0;
    while (index < port->paths && port->path[index] != NULL)
        index++;
    if (index == PATHS)
        return -1;
    port->path[index] = path;
    if (index == port->paths)
        port->paths++;
    return index;
}

void fast_port_remove(struct fast_port *port, int index)
{
    port->path[index] = NULL;
    while (port->paths > 0 && port->path[port->paths - 1] == NULL)
        port->paths--;
}

static int same_address(const struct endpoint_address *one, const struct endpoint_address *other)
{
    const struct sockaddr_in *a = (const void *)one->bytes, *b = (const void *)other->bytes;
    const struct sockaddr_in6 *c = (const void *)one->bytes, *d = (const void *)other->bytes;
    if (a->sin_family != b->sin_family || a->sin_port != b->sin_port)
        return 0;
    if (a->sin_family == AF_INET)
        return a->sin_addr.s_addr == b->sin_addr.s_addr;
    return a->sin_family == AF_INET6 && memcmp(&c->sin6_addr, &d->sin6_addr, sizeof c->sin6_addr) == 0;
}

/* Whether to read again: a datagram of ours that came back as undeliverable says nothing of the next one. */
static int came_back(int *patience)
{
    return errno != EAGAIN && errno != EWOULDBLOCK && (*patience)-- > 0;
}

/* Returns how many datagrams were read into their places; 0 when there is none. */
static int read_datagrams(struct fast_port *port, int sizes[BURST])
{
    int count, patience = BURST;
#ifdef __linux__
    struct mmsghdr messages[BURST];
    struct iovec places[BURST];
    for (int i = 0; i < BURST; i++) {
        places[i] = (struct iovec){port->datagram[i], LARGEST_DATAGRAM + 1};
        messages[i].msg_hdr = (struct msghdr){.msg_name = port->source[i].bytes,
                                              .msg_namelen = sizeof port->source[i].bytes,
                                              .msg_iov = &places[i],
                                              .msg_iovlen = 1};
    }
    do
        count = recvmmsg(port->udp_socket, messages, BURST, MSG_DONTWAIT, NULL);
    while (count < 0 && came_back(&patience));
    for (int i = 0; i < count; i++) {
        port->source[i].length = messages[i].msg_hdr.msg_namelen;
        sizes[i] = (int)messages[i].msg_len;
    }
#else
    for (count = 0; count < BURST; count++) {
        socklen_t length = sizeof port->source[count].bytes;
        ssize_t size;
        do
            size = recvfrom(port->udp_socket, port->datagram[count], LARGEST_DATAGRAM + 1, MSG_DONTWAIT,
                            (struct sockaddr *)port->source[count].bytes, &length);
        while (size < 0 && came_back(&patience));
        if (size < 0)
            break;
        port->source[count].length = length;
        sizes[count] = (int)size;
    }
#endif
    return count < 0 ? 0 : count;
}

/* Clock units of a packet of Opus, 0 if it is malformed (RFC 6716 section 3.1). */
static int opus_units(const unsigned char *payload, int size)
{
    static const int silk[] = {480, 960, 1920, 2880}, hybrid[] = {480, 960}, celt[] = {120, 240, 480, 960};
    int config = payload[0] >> 3, code = payload[0] & 3, units;
    if (config < 12)
        units = silk[config & 3];
    else
        units = config < 16 ? hybrid[config & 1] : celt[config & 3];
    if (code == 0)
        return units;
    if (code != 3)
        return 2 * units;
    units *= size > 1 ? payload[1] & 63 : 0;
    return units <= 5760 ? units : 0;
}

/* As ReceptionStatistics.packet does. */
static void count_reception(struct reception *reception, uint16_t sequence, uint32_t timestamp, double now)
{
    int64_t ahead = (sequence - reception->highest) & 0xFFFF;
    if (ahead < 0x8000)
        reception->highest += ahead;
    reception->received++;
    reception->received_here++;
    if (timestamp != reception->last_timestamp) {
        double elapsed = (now - reception->last_arrival) * reception->clock_rate;
        double transit = elapsed - (int32_t)(timestamp - reception->last_timestamp);
        if (transit < 0)
            transit = -transit;
        if (transit > reception->clock_rate)
            transit = reception->clock_rate;
        reception->jitter += (transit - reception->jitter) / 16;
        reception->last_timestamp = timestamp;
    }
    reception->last_arrival = now;
}

/* As ReceiveBuffer.pass_on does; returns the position. */
static int64_t pass_on(struct stream_order *order, int32_t units, double now)
{
    int64_t position = order->position;
    order->position += units;
    order->frame = units;
    order->last_arrival = order->in_order_at = now;
    order->timestamp += (uint32_t)units;
    order->expected++;
    return position;
}

static uint32_t four_bytes(const unsigned char *data)
{
    return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

static int is_due(const struct inbound_path *path, const unsigned char *packet)
{
    const struct stream_order *order = path->order;
    return order->plain && packet[0] == 0x80 && (packet[1] & 0x7F) == path->payload_type &&
           (packet[2] << 8 | packet[3]) == order->expected && four_bytes(packet + 4) == order->timestamp &&
           four_bytes(packet + 8) == order->ssrc && order->ssrc == path->reception->ssrc;
}

static int find_path(const struct fast_port *port, const unsigned char *packet, int size,
                     const struct endpoint_address *source)
{
    if (size < HEADER || size > LARGEST_DATAGRAM || packet[0] != 0x80)
        return -1;
    for (int index = 0; index < port->paths; index++) {
        const struct inbound_path *path = port->path[index];
        if (path != NULL && is_due(path, packet) && same_address(&path->source, source))
            return index;
    }
    return -1;
}

/* Writes base64 (RFC 4648 section 4); returns what is behind it. */
static unsigned char *write_base64(unsigned char *to, const unsigned char *from, int size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (; size > 0; size -= 3, from += 3) {
        uint32_t three = (uint32_t)from[0] << 16 | (uint32_t)(size > 1 ? from[1] : 0) << 8 | (size > 2 ? from[2] : 0);
        *to++ = digits[three >> 18];
        *to++ = digits[three >> 12 & 63];
        *to++ = size > 1 ? digits[three >> 6 & 63] : '=';
        *to++ = size > 2 ? digits[three & 63] : '=';
    }
    return to;
}

/* Puts sound into its envelope, and that into a masked text frame (RFC 6455 section 5.2), at `offset` of the
 * frames; returns its size, 0 where it has no room, or the system no key that nobody can foresee. */
static int enclose(struct fast_port *port, const struct envelope *envelope, const unsigned char *sound, int size,
                   int offset)
{
    unsigned char *frame = port->frame + offset, *key = frame + FRAME_HEADER - 4, *text = frame + FRAME_HEADER, *end;
    int whole = envelope->before_size + (size + 2) / 3 * 4 + envelope->behind_size;
    if (whole <= SHORT_FRAME || whole > FRAME_ROOM - FRAME_HEADER)
        return 0;
    if (port->keys_left < 4) {
        if (getentropy(port->keys, KEYS) != 0)
            return 0;
        port->keys_left = KEYS;
    }
    port->keys_left -= 4;
    memcpy(key, port->keys + port->keys_left, 4);
    memcpy(frame, (unsigned char[]){0x81, 0x80 | 126, (unsigned char)(whole >> 8), (unsigned char)whole}, 4);
    memcpy(text, envelope->before, (size_t)envelope->before_size);
    end = write_base64(text + envelope->before_size, sound, size);
    memcpy(end, envelope->behind, (size_t)envelope->behind_size);
    for (int i = 0; i < whole; i++)
        text[i] ^= key[i & 3];
    return FRAME_HEADER + whole;
}

/* Makes sound of an opened packet, behind `used` bytes of other sound. */
static void make_sound(struct fast_port *port, const struct inbound_path *path, const unsigned char *packet,
                       int size, int used, double now, struct arrival *arrival)
{
    const unsigned char *payload = packet + HEADER;
    int per_ms = path->reception->clock_rate / 1000, units, made;
    size -= HEADER;
    units = !path->is_opus ? size : size > 2 ? opus_units(payload, size) : 0;
    if (units == 0) {
        arrival->kind = OPENED;
        return;
    }
    count_reception(path->reception, packet[2] << 8 | packet[3], four_bytes(packet + 4), now);
    arrival->position = (int32_t)(pass_on(path->order, units, now) / per_ms);
    arrival->kind = SOUND;
    arrival->offset = used;
    if (path->decoder == NULL) {
        memcpy((char *)port->sound + used, payload, (size_t)size);
        arrival->size = size;
        return;
    }
    made = decode(path->decoder, payload, size, port->sound + used / 2, SOUND_SAMPLES, 0);
    arrival->kind = made < 0 ? UNDECODABLE : SOUND;
    arrival->size = made < 0 ? units / per_ms : 2 * made;
}

int fast_port_receive(struct fast_port *port, double now)
{
    int sizes[BURST], used = 0, framed = 0, count = read_datagrams(port, sizes);
    for (int i = 0; i < count; i++) {
        struct arrival *arrival = &port->arrival[i];
        unsigned char *packet = port->datagram[i];
        int size = sizes[i], index = find_path(port, packet, size, &port->source[i]);
        *arrival = (struct arrival){.kind = DATAGRAM, .path = index, .offset = i * ROOM, .size = size};
        if (index < 0 || unprotect(port->path[index]->keys, packet, &size) != 0)
            continue;
        arrival->size = size;
        make_sound(port, port->path[index], packet, size, used, now, arrival);
        if (arrival->kind != SOUND)
            continue;
        if (port->path[index]->envelope.before != NULL) {
            arrival->frame_offset = framed;
            arrival->frame_size = enclose(port, &port->path[index]->envelope,
                                          (const unsigned char *)port->sound + used, arrival->size, framed);
            framed += arrival->frame_size;
        }
        used += (arrival->size + 1) & ~1;
    }
    return count;
}

/* Returns bytes of payload, negative for an error of libopus. Without an encoder the sound is the payload. */
int fast_path_send(struct outbound_path *path, void *encoder, const char *sound, int size, int second,
                   int sequence, uint32_t timestamp)
{
    _Alignas(8) unsigned char packet[HEADER + LARGEST_PAYLOAD + LARGEST_TRAILER]; /* as libsrtp wants it */
    uint32_t words[3] = {htonl(0x80000000u | (uint32_t)second << 16 | (uint32_t)sequence), htonl(timestamp),
                         htonl(path->ssrc)};
    int payload = size < LARGEST_PAYLOAD ? size : LARGEST_PAYLOAD, whole;
    if (encoder == NULL)
        memcpy(packet + HEADER, sound, (size_t)payload);
    else if ((payload = encode(encoder, sound, size / 2, packet + HEADER, LARGEST_PAYLOAD)) < 0)
        return payload;
    memcpy(packet, words, HEADER);
    whole = HEADER + payload;
    path->unsent = protect(path->keys, packet, &whole) != 0 ||
                   sendto(path->udp_socket, packet, (size_t)whole, MSG_DONTWAIT,
                          (const struct sockaddr *)path->target.bytes, path->target.length) < 0;
    return payload;
}

/* Sends the next frame of the loan; answers as fast_path_send, and with an error where none is left. */
int fast_path_send_next(struct outbound_path *path)
{
    struct loan *loan = &path->loan;
    int payload;
    if (loan->frames <= 0)
        return NOTHING_LEFT;
    loan->frames--;
    loan->sequence++;
    loan->timestamp += (uint32_t)loan->frame_units;
    payload = fast_path_send(path, loan->encoder, loan->sound, loan->frame_bytes, loan->second, loan->sequence,
                             loan->timestamp);
    if (payload < 0)
        return payload;
    loan->sound += loan->frame_bytes;
    loan->octets += payload;
    loan->unsent += path->unsent;
    return payload;
}
