// Receive_Vector of Ada's GNAT.Sockets as a plug-in: receiving.adb makes the call, and this file its two ends. It
// reports the number of bytes and nothing else, and its type of flags has three of them only, so none is passed.
#include <errno.h>
#include <fcntl.h>
#include <recvinto/plugin.h>
#include <stdio.h>

extern void receivinginit(void);
extern int gnat_receive_vector(int fd, const struct iovec* vectors, size_t count, long* nbytes, char* message,
                               size_t room);

static const char* const kCapabilities[] = {
    "scatter",        "no_buffers",           "empty_buffers",      "overlap",      "nonblocking", "system_wait",
    "sparse_buffers", "inaccessible_buffers", "inaccessible_tails", "two_mappings", "recvmsg",     NULL};
static const recvinto_hello kHello = {.size = sizeof kHello,
                                      .name = "GNAT.Sockets",
                                      .version = __VERSION__,
                                      .language = "Ada",
                                      .capabilities = kCapabilities};

static const recvinto_hello* hello(void) {
  return &kHello;
}

static int call_receive(const recvinto_call* call, recvinto_answer* answer) {
  static int is_ready;
  if (!is_ready) receivinginit();
  is_ready = 1;
  const int status = fcntl(call->fd, F_GETFL);
  if (status >= 0) fcntl(call->fd, F_SETFL, call->timeout_ms != NULL ? status | O_NONBLOCK : status & ~O_NONBLOCK);
  long nbytes = 0;
  const int error = gnat_receive_vector(call->fd, call->buffers, call->buffer_count, &nbytes, answer->message,
                                        sizeof answer->message);
  answer->nbytes = nbytes;
  if (error == 0) return RECVINTO_RECEIVED;
  answer->error_number = error < 0 ? 0 : error;
  snprintf(answer->error_class, sizeof answer->error_class, "%s", error < 0 ? "exception" : "Socket_Error");
  return RECVINTO_FAILED;
}

const recvinto_plugin* recvinto_plugin_v1(void) {
  static const recvinto_plugin kPlugin = {
      .size = sizeof kPlugin, .version = RECVINTO_PLUGIN_VERSION, .hello = hello, .call = call_receive};
  return &kPlugin;
}
