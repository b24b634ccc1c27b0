// A plug-in of the recvmsg conformance suite to begin with: recvmsg(2) itself, by its own interface. The contract is
// recvinto/plugin.h; ../PLUGIN.md is a walk through this file.

#include <errno.h>
#include <fcntl.h>
#include <recvinto/plugin.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const char* const kCapabilities[] = {
    "scatter",     "no_buffers", "empty_buffers", "overlap",        "flags",        "msg_flags",
    "address",     "ancillary",  "rights",        "all_items",      "ancbufsize",   "nonblocking",
    "system_wait", "recvmsg",    "concurrent",    "sparse_buffers", "two_mappings", NULL};
static const recvinto_hello kHello = {
    .size = sizeof kHello, .name = "recvmsg(2)", .version = "1", .language = "C", .capabilities = kCapabilities};

static const recvinto_hello* hello(void) {
  return &kHello;
}

static int failed(recvinto_answer* answer, int number) {
  answer->error_number = number;
  snprintf(answer->error_class, sizeof answer->error_class, "OSError");
  snprintf(answer->message, sizeof answer->message, "%s", strerror(number));
  return RECVINTO_FAILED;
}

// Copies the data of each item to the answer, behind those of the items before.
static void report_items(struct msghdr* message, recvinto_answer* answer) {
  size_t used = 0;
  for (struct cmsghdr* header = CMSG_FIRSTHDR(message); header != NULL; header = CMSG_NXTHDR(message, header)) {
    if (header->cmsg_len < CMSG_LEN(0)) return;  // no kernel gives that, but a scripted one may
    const size_t rest = (size_t)((char*)message->msg_control + message->msg_controllen - (char*)CMSG_DATA(header));
    const size_t told = header->cmsg_len - CMSG_LEN(0);
    const size_t size = told < rest ? told : rest;
    if (answer->item_count == answer->items_room || size > answer->data_room - used) return;
    memcpy(answer->data + used, CMSG_DATA(header), size);
    answer->items[answer->item_count++] = (recvinto_item){header->cmsg_level, header->cmsg_type, used, size};
    used += size;
    if (told > rest) return;
  }
}

// ---- YOUR IMPLEMENTATION: its call takes the place of recvmsg here.
static int receive(const recvinto_call* call, void* control, size_t control_size, recvinto_answer* answer) {
  struct sockaddr_storage name;
  struct msghdr message = {.msg_name = &name,
                           .msg_namelen = sizeof name,
                           .msg_iov = (struct iovec*)call->buffers,
                           .msg_iovlen = call->buffer_count,
                           .msg_control = control,
                           .msg_controllen = control_size};
  const ssize_t nbytes = recvmsg(call->fd, &message, call->flags != NULL ? (int)*call->flags : 0);
  if (nbytes < 0) return failed(answer, errno);

  answer->nbytes = nbytes;
  answer->msg_flags = message.msg_flags;
  if (message.msg_controllen > control_size) message.msg_controllen = control_size;
  report_items(&message, answer);
  answer->address.form = RECVINTO_SOCKADDR;
  answer->address.bytes_size = message.msg_namelen < sizeof name ? message.msg_namelen : sizeof name;
  memcpy(answer->address.bytes, &name, answer->address.bytes_size);
  return RECVINTO_RECEIVED;
}

static int call_recvmsg(const recvinto_call* call, recvinto_answer* answer) {
  const int status = fcntl(call->fd, F_GETFL);
  if (status >= 0) fcntl(call->fd, F_SETFL, call->timeout_ms != NULL ? status | O_NONBLOCK : status & ~O_NONBLOCK);
  const size_t control_size = call->ancbufsize != NULL ? (size_t)*call->ancbufsize : 0;
  void* control = control_size != 0 ? malloc(control_size) : NULL;
  if (control_size != 0 && control == NULL) return failed(answer, ENOMEM);
  const int outcome = receive(call, control, control_size, answer);
  free(control);
  return outcome;
}

const recvinto_plugin* recvinto_plugin_v1(void) {
  static const recvinto_plugin kPlugin = {
      .size = sizeof kPlugin, .version = RECVINTO_PLUGIN_VERSION, .hello = hello, .call = call_recvmsg};
  return &kPlugin;
}
