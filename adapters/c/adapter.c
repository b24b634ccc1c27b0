// An adapter in C, to begin from: recvmsg(2) of the C library that it is linked with. ../PROTOCOL.md is the contract.
// Replace receive() by a call of yours, and leave out of `capabilities` what it cannot express.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "json.h"

/* Bytes behind the room for ancillary data: where something writes there, as QEMU does, the heap stays whole. */
#ifndef BEHIND
#define BEHIND 0
#endif

static const char capabilities[] =
    "[\"scatter\",\"no_buffers\",\"empty_buffers\",\"overlap\",\"flags\",\"msg_flags\",\"address\",\"ancillary\","
    "\"rights\","
    "\"all_items\",\"ancbufsize\",\"nonblocking\",\"system_wait\",\"sparse_buffers\",\"inaccessible_buffers\","
    "\"inaccessible_tails\",\"two_mappings\",\"recvmsg\","
    "\"pipelining\"]";

// What an entry of "buffers" makes.
struct storage {
  unsigned char* bytes;  // NULL: a part of another one
  size_t size, reported;
  void* mapping;  // NULL: allocated, or none
  size_t mapped;
};

static void print_hex(const unsigned char* bytes, size_t size) {
  static const char digits[] = "0123456789abcdef";
  putchar('"');
  for (size_t i = 0; i < size; ++i) {
    putchar(digits[bytes[i] >> 4]);
    putchar(digits[bytes[i] & 15]);
  }
  putchar('"');
}

static int nibble(char digit) {
  return digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

static void fill_storage(const struct storage* storage, const struct json* entry) {
  const struct json* fill = json_get(entry, "fill");
  const char* pattern = fill == NULL ? "ee" : fill->string;
  for (size_t i = 0; i < storage->reported; ++i) {
    const char* digits = pattern + 2 * i % strlen(pattern);
    storage->bytes[i] = (unsigned char)(nibble(digits[0]) << 4 | nibble(digits[1]));
  }
}

static unsigned char* map(void* at, size_t size, int protection, int flags) {
  void* mapping = mmap(at, size, protection, flags | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED) {
    perror("adapter: mmap");
    exit(1);
  }
  return mapping;
}

static size_t whole_pages(size_t bytes) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  return (bytes + page - 1) / page * page;
}

// A page begins at byte `border`, of another mapping or of one that cannot be written.
static void map_with_border(struct storage* made, size_t border, int has_two_mappings) {
  size_t front = whole_pages(border), behind = whole_pages(made->size - border + 1);
  made->mapped = front + behind;
  made->mapping = map(NULL, made->mapped, PROT_NONE, MAP_PRIVATE);
  map(made->mapping, front, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED);
  if (has_two_mappings) map((char*)made->mapping + front, behind, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED);
  made->bytes = (unsigned char*)made->mapping + front - border;
  made->reported = has_two_mappings ? made->size : border;
}

static struct storage make_storage(const struct json* entry) {
  struct storage made = {0};
  const struct json* memory = json_get(entry, "memory");
  if (json_get(entry, "storage") != NULL) return made;
  made.size = (size_t)json_number(entry, "size", 0);
  if (memory != NULL && strcmp(memory->string, "inaccessible") == 0) {
    made.bytes = (unsigned char*)1;
    return made;
  }
  if (memory != NULL && strcmp(memory->string, "sparse") == 0) {
    made.mapped = made.size;
    made.mapping = made.bytes = map(NULL, made.size, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    made.reported = made.size < 4096 ? made.size : 4096;
    return made;
  }
  if (memory != NULL) {
    map_with_border(&made, (size_t)json_number(entry, "border", 1), strcmp(memory->string, "two_mappings") == 0);
  } else {
    made.reported = made.size;
    made.bytes = malloc(made.size + 1);
  }
  fill_storage(&made, entry);
  return made;
}

static void print_address(const struct sockaddr_storage* name, size_t size) {
  if (size > sizeof *name) size = sizeof *name;
  printf(",\"address\":");
  if (size <= sizeof(sa_family_t) || (name->ss_family == AF_INET && size < sizeof(struct sockaddr_in)) ||
      (name->ss_family == AF_INET6 && size < sizeof(struct sockaddr_in6))) {
    printf("null");  // none, that of a unix socket without a name, or one that is too short
  } else if (name->ss_family == AF_UNIX) {
    const unsigned char* path = (const unsigned char*)name + offsetof(struct sockaddr_un, sun_path);
    size -= offsetof(struct sockaddr_un, sun_path);
    printf("{\"family\":%d,\"path\":", AF_UNIX);
    print_hex(path, path[0] == '\0' ? size : strnlen((const char*)path, size));
    printf("}");
  } else if (name->ss_family == AF_INET) {
    const struct sockaddr_in* in = (const struct sockaddr_in*)name;
    char host[INET_ADDRSTRLEN];
    printf("{\"family\":%d,\"host\":\"%s\",\"port\":%d}", AF_INET, inet_ntop(AF_INET, &in->sin_addr, host, sizeof host),
           ntohs(in->sin_port));
  } else if (name->ss_family == AF_INET6) {
    const struct sockaddr_in6* in = (const struct sockaddr_in6*)name;
    char host[INET6_ADDRSTRLEN];
    printf("{\"family\":%d,\"host\":\"%s\",\"port\":%d,\"flowinfo\":%lu,\"scope_id\":%lu}", AF_INET6,
           inet_ntop(AF_INET6, &in->sin6_addr, host, sizeof host), ntohs(in->sin6_port),
           (unsigned long)ntohl(in->sin6_flowinfo), (unsigned long)in->sin6_scope_id);
  } else {
    printf("{\"family\":%d,\"raw\":", name->ss_family);
    print_hex((const unsigned char*)name + sizeof(sa_family_t), size - sizeof(sa_family_t));
    printf("}");
  }
}

// Every item. What a length says that lies beyond the end is cut there.
static void print_items(struct msghdr* message) {
  const char* separator = "";
  printf(",\"ancdata\":[");
  for (struct cmsghdr* item = CMSG_FIRSTHDR(message); item != NULL; item = CMSG_NXTHDR(message, item)) {
    size_t left = (size_t)((unsigned char*)message->msg_control + message->msg_controllen - CMSG_DATA(item));
    size_t size = item->cmsg_len - CMSG_LEN(0);
    if (item->cmsg_len < CMSG_LEN(0)) break;
    printf("%s[%d,%d,", separator, item->cmsg_level, item->cmsg_type);
    print_hex(CMSG_DATA(item), size < left ? size : left);
    printf("]");
    separator = ",";
  }
  printf("]");
}

// The receive call that is judged. Prints the fields of the reply, but for the buffers.
static void receive(const struct json* request, struct iovec* parts, size_t count) {
  static struct sockaddr_storage name;
  size_t room = (size_t)json_number(request, "ancbufsize", 0);
  int fd = (int)json_number(request, "fd", -1);
  int mode = fcntl(fd, F_GETFL);
  if (mode != -1)
    fcntl(fd, F_SETFL, json_number(request, "timeout_ms", -1) == 0 ? mode | O_NONBLOCK : mode & ~O_NONBLOCK);

  void* control = room == 0 ? NULL : malloc(room + BEHIND);
  if (room != 0 && control == NULL) {
    printf(",\"error\":{\"class\":\"malloc\",\"errno\":%d,\"message\":\"\"}", ENOMEM);
    return;
  }
  struct msghdr message = {.msg_name = &name, .msg_namelen = sizeof name, .msg_iov = parts, .msg_control = control};
  message.msg_iovlen = count;
  message.msg_controllen = room;
  ssize_t nbytes = recvmsg(fd, &message, (int)json_number(request, "flags", 0));
  if (nbytes < 0) {
    printf(",\"error\":{\"class\":\"recvmsg\",\"errno\":%d,\"message\":\"%s\"}", errno, strerror(errno));
  } else {
    printf(",\"nbytes\":%zd,\"msg_flags\":%d", nbytes, message.msg_flags);
    if (message.msg_controllen > room) message.msg_controllen = room;
    print_items(&message);
    print_address(&name, message.msg_namelen);
  }
  free(control);
}

static void recvmsg_into(const struct json* request) {
  size_t count = 0, i = 0;
  for (const struct json* entry = json_get(request, "buffers")->first; entry != NULL; entry = entry->next) ++count;
  struct storage* storages = calloc(count + 1, sizeof *storages);
  struct iovec* parts = calloc(count + 1, sizeof *parts);
  for (const struct json* entry = json_get(request, "buffers")->first; entry != NULL; entry = entry->next, ++i) {
    storages[i] = make_storage(entry);
    const struct storage* storage = &storages[json_number(entry, "storage", (long long)i)];
    size_t from = (size_t)json_number(entry, "from", 0);
    parts[i].iov_base = storage->bytes + from;
    parts[i].iov_len = (size_t)json_number(entry, "to", (long long)storage->size) - from;
  }
  receive(request, parts, count);
  printf(",\"buffers\":[");
  for (i = 0; i < count; ++i) {
    if (i != 0) putchar(',');
    print_hex(storages[i].bytes, storages[i].reported);
    if (storages[i].mapping != NULL)
      munmap(storages[i].mapping, storages[i].mapped);
    else if (storages[i].reported != 0 || storages[i].size == 0)
      free(storages[i].bytes);
  }
  printf("]");
  free(parts);
  free(storages);
}

int main(void) {
  char* line = NULL;
  size_t room = 0;
  while (getline(&line, &room, stdin) > 0) {
    const struct json* request = json_parse(line);
    const char* op = json_get(request, "op")->string;
    printf("{\"id\":%lld", json_number(request, "id", 0));
    if (strcmp(op, "hello") == 0) {
      printf(",\"protocol\":1,\"name\":\"%s recvmsg\",\"version\":\"%s\",\"language\":\"C\",\"capabilities\":%s", LIBC,
             LIBC_VERSION, capabilities);
      /* An emulator's process does not show whose byte order this is. */
      printf(",\"byte_order\":\"%s\"", __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? "big" : "little");
    } else if (strcmp(op, "recvmsg_into") == 0) {
      recvmsg_into(request);
    } else if (strcmp(op, "close") == 0) {
      for (const struct json* fd = json_get(request, "fds")->first; fd != NULL; fd = fd->next) close((int)fd->number);
    } else if (strcmp(op, "bye") != 0) {
      printf(",\"unsupported\":\"%s\"", op);
    }
    printf("}\n");
    fflush(stdout);
    if (strcmp(op, "bye") == 0) break;
  }
  return 0;
}
