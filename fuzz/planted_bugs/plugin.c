// A user's plug-in (RECVINTO_PLUGIN_SOURCE) with bugs: RECVINTO_PLANTED_BUG names them, separated by commas.

#define recvinto_plugin_v1 plugin_without_bugs
#include RECVINTO_PLUGIN_SOURCE  // first: it says what the system's headers are to declare
#undef recvinto_plugin_v1

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef SCM_CREDENTIALS  // unix(7): with _GNU_SOURCE only, which the plug-in need not define
#define SCM_CREDENTIALS 2
#endif

__attribute__((visibility("default"))) const recvinto_plugin* recvinto_plugin_v1(void);

static bool is(const char* bug) {
  const char* planted = getenv("RECVINTO_PLANTED_BUG");
  const size_t length = strlen(bug);
  while (planted != NULL && *planted != '\0') {
    if (strncmp(planted, bug, length) == 0 && (planted[length] == ',' || planted[length] == '\0')) return true;
    planted = strchr(planted, ',');
    if (planted != NULL) ++planted;
  }
  return false;
}

/// By a pointer to nothing; exported, so that a report can name it.
__attribute__((visibility("default"), noinline)) int read_an_item(const recvinto_answer* answer);
int read_an_item(const recvinto_answer* answer) {
  const volatile recvinto_item* first = answer->item_count < 1 ? NULL : (const recvinto_item*)(size_t)16;
  return first == NULL ? 0 : first->level;
}

/// Reads a byte behind a room of its own.
__attribute__((visibility("default"), noinline)) int read_behind_the_room(size_t count);
int read_behind_the_room(size_t count) {
  const volatile char* room = calloc(count, 1);
  const int byte = room == NULL ? 0 : room[count];
  free((void*)(size_t)room);
  return byte;
}

static void leak(int fd) {
  (void)fd;
}

static int family_of(int fd) {
  int family = AF_UNSPEC;
  socklen_t size = sizeof family;
  getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size);
  return family;
}

static void change_items(const recvinto_call* call, recvinto_answer* answer) {
  if (is("last_item_is_lost") && answer->item_count != 0) --answer->item_count;
  for (size_t i = 0; i < answer->item_count; ++i) {
    recvinto_item* item = &answer->items[i];
    if (item->level != SOL_SOCKET) continue;
    if (is("credentials_are_cut") && item->type == SCM_CREDENTIALS && item->data_size > 4) item->data_size -= 4;
    if (is("oob_is_invented") && item->type == SCM_RIGHTS && call->buffer_count == 1) answer->msg_flags |= MSG_OOB;
    if (item->type != SCM_RIGHTS || item->data_size < sizeof(int)) continue;
    int fd = -1;
    memcpy(&fd, answer->data + item->data_begin, sizeof fd);
    if (is("inheritable") && call->buffer_count == 2) fcntl(fd, F_SETFD, 0);
    if (is("duplicate_stays_open") && item->data_size >= 4 * sizeof fd) leak(dup(fd));
    if (is("descriptors_crash") && item->data_size >= 2 * sizeof fd && call->buffer_count == 0) {
      answer->msg_flags |= read_an_item(answer);
    }
  }
  if (is("items_crash")) answer->msg_flags |= read_an_item(answer);
}

static void change_data(const recvinto_call* call, recvinto_answer* answer) {
  const struct iovec* last = call->buffer_count == 0 ? NULL : &call->buffers[call->buffer_count - 1];
  if (is("nbytes_is_one_less") && call->buffer_count == 3 && answer->nbytes > 0) --answer->nbytes;
  if (is("last_of_four_is_cleared") && call->buffer_count == 4 && answer->nbytes != 0 && last->iov_len != 0) {
    memset(last->iov_base, 0, last->iov_len);
  }
  if (is("many_buffers_overflow") && call->buffer_count >= 9) {
    answer->nbytes += read_behind_the_room(call->buffer_count);
  }
}

static void change_the_rest(const recvinto_call* call, recvinto_answer* answer) {
  const int family = family_of(call->fd);
  if (is("ctrunc_is_lost")) answer->msg_flags &= ~MSG_CTRUNC;
  if (is("unix_ctrunc_is_lost") && family == AF_UNIX) answer->msg_flags &= ~MSG_CTRUNC;
  if (is("trunc_is_lost") && family == AF_UNIX) answer->msg_flags &= ~MSG_TRUNC;
  if (is("unix_address_is_lost") && family == AF_UNIX && answer->address.bytes_size > 8) {
    answer->address = (recvinto_address){.form = RECVINTO_NO_ADDRESS};
  }
  if (is("scope_is_wrong") && family == AF_INET6 && answer->address.bytes_size == sizeof(struct sockaddr_in6)) {
    answer->address.bytes[answer->address.bytes_size - 4] ^= 1;
  }
}

static int buggy_call(const recvinto_call* call, recvinto_answer* answer) {
  const int outcome = plugin_without_bugs()->call(call, answer);
  if (outcome == RECVINTO_FAILED && is("emsgsize_is_einval") && answer->error_number == EMSGSIZE) {
    answer->error_number = EINVAL;
  }
  if (outcome != RECVINTO_RECEIVED) return outcome;
  change_items(call, answer);
  change_data(call, answer);
  change_the_rest(call, answer);
  return outcome;
}

const recvinto_plugin* recvinto_plugin_v1(void) {
  static recvinto_plugin plugin;
  plugin = *plugin_without_bugs();
  plugin.call = buggy_call;
  return &plugin;
}
