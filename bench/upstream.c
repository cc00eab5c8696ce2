/* A model provider in one thread: constant OpenAI answers over epoll, so fast that the gateway before it is what is measured.
 *
 * POST .../chat/completions answers one 532-byte JSON; with "stream":true in the body 50 SSE events and [DONE], all in one
 * write; with "paced" in the body (the model's name) besides, one event each PACE ms. GET /count answers how many POSTs came.
 * It knows HTTP/1.1 keep-alive with Content-Length, nothing else: no chunked requests, no TLS, no second thread.
 *
 * cc -O2 -o upstream upstream.c && ./upstream PORT PACE_MS     prints "ready" once it listens on 127.0.0.1
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_FD = 8192, MAX_REQUEST = 1 << 18, EVENTS = 51 };

struct conn {
    size_t have;                 /* bytes of the request read so far */
    const char *out; size_t left; /* what still has to be written */
    int blocked;                 /* epoll watches for room to write */
    int next; long due;          /* next paced event, 0: none; when, in ms */
    char small[160];             /* the answer to GET */
    char in[MAX_REQUEST];
};

static struct conn *conns[MAX_FD];
static char whole[1024], stream[32768];
static size_t whole_size, piece_end[EVENTS]; /* where each event of the stream ends; the last one ends the response */
static long posts, pace;
static int poller, paced, highest;

static long now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void compose(void) {
    static const char *say = "La carte nationale se renouvelle au centre d'enregistrement de votre lieu de residence. Munissez-vous "
        "de l'acte de naissance, d'un justificatif de domicile, de quatre photographies et de votre carte.";
    char body[1024], event[512];
    int n = snprintf(body, sizeof body, "{\"id\":\"chatcmpl-bench-00000000001\",\"object\":\"chat.completion\",\"created\":1790000000,"
        "\"model\":\"bench-upstream\",\"system_fingerprint\":\"fp_bench\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
        "\"content\":\"%s\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
        "\"usage\":{\"prompt_tokens\":96,\"completion_tokens\":48,\"total_tokens\":144}}", say);
    whole_size = (size_t)snprintf(whole, sizeof whole,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", n, body);
    /* X-Accel-Buffering asks nginx to pass each event at once, as a stream of tokens must be passed. */
    size_t end = (size_t)sprintf(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
        "X-Accel-Buffering: no\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < EVENTS; i++) {
        const char *head = "data: {\"id\":\"chatcmpl-bench-00000000001\",\"object\":\"chat.completion.chunk\","
            "\"created\":1790000000,\"model\":\"bench-upstream\",\"choices\":[{\"index\":0,";
        if (i < EVENTS - 2)
            n = snprintf(event, sizeof event, "%s\"delta\":{%s\"content\":\" mot%d\"},\"finish_reason\":null}]}\n\n",
                head, i ? "" : "\"role\":\"assistant\",", i);
        else if (i == EVENTS - 2)
            n = snprintf(event, sizeof event, "%s\"delta\":{},\"finish_reason\":\"stop\"}],"
                "\"usage\":{\"prompt_tokens\":96,\"completion_tokens\":49,\"total_tokens\":145}}\n\n", head);
        else
            n = snprintf(event, sizeof event, "data: [DONE]\n\n");
        end += (size_t)sprintf(stream + end, "%x\r\n%s\r\n%s", (unsigned)n, event, i == EVENTS - 1 ? "0\r\n\r\n" : "");
        piece_end[i] = end;
    }
}

static void hang_up(int fd) {
    paced -= conns[fd]->next > 0;
    free(conns[fd]);
    conns[fd] = NULL;
    close(fd);
}

/* Write what waits; ask epoll for the rest. 0 when the peer is gone. */
static int flush(int fd) {
    struct conn *c = conns[fd];
    while (c->left) {
        ssize_t n = send(fd, c->out, c->left, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno != EAGAIN) { hang_up(fd); return 0; }
            break;
        }
        c->out += n;
        c->left -= (size_t)n;
    }
    if (c->blocked != (c->left > 0)) {
        struct epoll_event e = {.events = EPOLLIN | (c->left ? EPOLLOUT : 0), .data.fd = fd};
        epoll_ctl(poller, EPOLL_CTL_MOD, fd, &e);
        c->blocked = c->left > 0;
    }
    return 1;
}

static void answer(struct conn *c, const char *body) {
    if (memcmp(c->in, "POST", 4)) {
        c->left = (size_t)snprintf(c->small, sizeof c->small, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\n%12ld", posts);
        c->out = c->small;
        return;
    }
    posts++;
    if (!strstr(body, "\"stream\":true") && !strstr(body, "\"stream\": true")) {
        c->out = whole;
        c->left = whole_size;
    } else {
        c->out = stream;
        c->left = piece_end[EVENTS - 1];
        if (strstr(body, "paced")) {
            c->left = piece_end[0];
            c->next = 1;
            c->due = now_ms() + pace;
            paced++;
        }
    }
}

/* Answer every whole request in the buffer; requests behind a running stream wait. 0 when the connection was closed. */
static int serve(int fd) {
    struct conn *c = conns[fd];
    while (c->have && !c->left && !c->next) {
        c->in[c->have] = 0;
        char *body = strstr(c->in, "\r\n\r\n");
        if (!body) break;
        body += 4;
        char *length = strcasestr(c->in, "\r\ncontent-length:");
        size_t size = (size_t)(body - c->in) + (length && length < body ? strtoul(length + 17, NULL, 10) : 0);
        if (size >= MAX_REQUEST) { hang_up(fd); return 0; }
        if (c->have < size) break;
        char kept = c->in[size];
        c->in[size] = 0;
        answer(c, body);
        c->in[size] = kept;
        memmove(c->in, c->in + size, c->have - size);
        c->have -= size;
        if (!flush(fd)) return 0;
    }
    return 1;
}

static void readable(int fd) {
    struct conn *c = conns[fd];
    ssize_t n = recv(fd, c->in + c->have, MAX_REQUEST - 1 - c->have, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) { hang_up(fd); return; }
    c->have += (size_t)n;
    serve(fd);
}

/* Send the events that are due; after the last one the connection may be asked again. */
static void tick(void) {
    long now = now_ms();
    for (int fd = 0; fd <= highest && paced; fd++) {
        struct conn *c = conns[fd];
        if (!c || !c->next || c->left || c->due > now) continue;
        c->out = stream + piece_end[c->next - 1];
        c->left = piece_end[c->next] - piece_end[c->next - 1];
        c->due += pace;
        if (++c->next == EVENTS) { c->next = 0; paced--; }
        if (flush(fd) && !c->next) serve(fd);
    }
}

static void welcome(int listener) {
    int fd, one = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        if (fd >= MAX_FD || !(conns[fd] = calloc(1, sizeof(struct conn)))) { close(fd); continue; }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e);
        if (fd > highest) highest = fd;
    }
}

int main(int argc, char **argv) {
    if (argc != 3) { fprintf(stderr, "usage: %s PORT PACE_MS\n", argv[0]); return 2; }
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* never outlive the bench */
    pace = atol(argv[2]);
    compose();
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (struct sockaddr *)&here, sizeof here) || listen(listener, 1024)) { perror("upstream"); return 1; }
    poller = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN, .data.fd = listener}, ready[256];
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &e);
    puts("ready");
    fflush(stdout);
    for (;;) {
        int n = epoll_wait(poller, ready, 256, paced ? 1 : -1);
        for (int i = 0; i < n; i++) {
            int fd = ready[i].data.fd;
            if (fd == listener) { welcome(listener); continue; }
            if (conns[fd] && ready[i].events & EPOLLOUT && flush(fd)) serve(fd);
            if (conns[fd] && ready[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) readable(fd);
        }
        if (paced) tick();
    }
}
