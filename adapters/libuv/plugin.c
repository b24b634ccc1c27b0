/* libuv's uv_udp_recv_start as a plug-in: the callback stops receiving, so that a call is one message. Each call has a
   handle of its own on a duplicate of the descriptor, for libuv closes what it is given. */
#include <errno.h>
#include <recvinto/plugin.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

/* libuv receives without waiting and then polls (system_wait), and takes no buffer that is empty (empty_buffers). */
static const char* const kCapabilities[] = {"address",        "msg_flags", "nonblocking", "inaccessible_buffers",
                                            "sparse_buffers", "recvmsg",   NULL};
static const char* const kChoices[] = {"msg_flags_known=MSG_TRUNC", NULL};
/* "The only requirement of the sock argument is that it follows the datagram contract." But of a unix name the callback
   learns where it begins, and not where it ends. */
static const char* const kSockets[] = {"udp4", "udp6", "netlink_route", "raw4", "packet", NULL};

static const recvinto_hello* hello(void) {
  static recvinto_hello made = {sizeof made, "libuv", NULL, "C", kCapabilities, kChoices, kSockets, NULL};
  made.version = uv_version_string();
  return &made;
}

/* What the callbacks are about: one call. */
typedef struct one_call {
  const recvinto_call* call;
  recvinto_answer* answer;
  int status; /* 0: nothing was received */
  int is_over;
} one_call;

static void allocate(uv_handle_t* handle, size_t suggested, uv_buf_t* buffer) {
  const one_call* one = handle->data;
  (void)suggested;
  buffer->base = one->call->buffers[0].iov_base; /* uv_buf_init() takes less than 4 GiB */
  buffer->len = one->call->buffers[0].iov_len;
}

/* libuv does not say how long the address is: as its family has it, and a path up to its end. */
static size_t length_of(const struct sockaddr* address) {
  switch (address->sa_family) {
    case AF_INET6:
      return 28;
    case AF_NETLINK:
      return 12;
    case AF_PACKET:
      return 18;
    case AF_UNIX:
      return offsetof(struct sockaddr_un, sun_path) + strlen(((const struct sockaddr_un*)address)->sun_path) + 1;
    default:
      return sizeof *address;
  }
}

static void received(uv_udp_t* handle, ssize_t nbytes, const uv_buf_t* buffer, const struct sockaddr* address,
                     unsigned flags) {
  one_call* one = handle->data;
  recvinto_answer* answer = one->answer;
  (void)buffer;
  if (nbytes == 0 && address == NULL) { /* "nothing to read" */
    one->is_over = one->call->timeout_ms != NULL;
    if (one->is_over) uv_udp_recv_stop(handle);
    return;
  }
  uv_udp_recv_stop(handle);
  one->is_over = 1;
  one->status = nbytes < 0 ? (int)nbytes : 1;
  if (nbytes < 0) return;
  answer->nbytes = nbytes;
  answer->msg_flags = flags & UV_UDP_PARTIAL ? MSG_TRUNC : 0;
  if (address == NULL || address->sa_family == AF_UNSPEC) return;
  answer->address.form = RECVINTO_SOCKADDR;
  answer->address.bytes_size = length_of(address);
  memcpy(answer->address.bytes, address, answer->address.bytes_size);
}

static int failed(int number, recvinto_answer* answer) {
  answer->error_number = -number;
  snprintf(answer->error_class, sizeof answer->error_class, "%s", uv_err_name(number));
  snprintf(answer->message, sizeof answer->message, "%s", uv_strerror(number));
  return RECVINTO_FAILED;
}

/* One loop for all calls: what it opens, it opens before the suite counts. */
static uv_loop_t* loop_of_all(void) {
  static uv_loop_t loop;
  static int is_made = 0;
  if (!is_made) is_made = uv_loop_init(&loop) == 0;
  return &loop;
}

static int call(const recvinto_call* call, recvinto_answer* answer) {
  uv_loop_t* loop = loop_of_all();
  one_call one = {call, answer, 0, 0};
  uv_udp_t handle;
  int duplicate = dup(call->fd);
  int error;
  if (duplicate == -1) return failed(-errno, answer);
  uv_udp_init(loop, &handle);
  handle.data = &one;
  error = uv_udp_open(&handle, duplicate);
  if (error != 0) close(duplicate);
  if (error == 0) error = uv_udp_recv_start(&handle, allocate, received);
  /* Where nothing is there, the poller says nothing, and a call that does not wait is over. */
  while (error == 0 && !one.is_over) {
    uv_run(loop, call->timeout_ms != NULL ? UV_RUN_NOWAIT : UV_RUN_ONCE);
    if (call->timeout_ms != NULL) break;
  }
  uv_close((uv_handle_t*)&handle, NULL);
  uv_run(loop, UV_RUN_DEFAULT);
  if (error != 0) return failed(error, answer);
  if (one.status == 0) return failed(UV_EAGAIN, answer);
  return one.status < 0 ? failed(one.status, answer) : RECVINTO_RECEIVED;
}

const recvinto_plugin* recvinto_plugin_v1(void) {
  static const recvinto_plugin made = {sizeof made, RECVINTO_PLUGIN_VERSION, hello, call, NULL};
  loop_of_all();
  return &made;
}
