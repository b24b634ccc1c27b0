/* io_uring_recvmsg_cmsg_nexthdr and an item at the end of the room. cc liburing_last_item.c -luring */
#define _GNU_SOURCE
#include <liburing.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

int main(void) {
  struct msghdr message = {.msg_controllen = CMSG_SPACE(sizeof(struct ucred)) + CMSG_LEN(sizeof(int))};
  _Alignas(struct cmsghdr) char sent[CMSG_SPACE(sizeof(int))], buffer[256];
  struct cmsghdr rights = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
  int fds[2], yes = 1, file = 1;
  struct io_uring ring;
  struct io_uring_cqe* done;
  struct io_uring_buf_ring* buffers = mmap(NULL, 4096, PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  struct io_uring_buf_reg one = {.ring_addr = (unsigned long)buffers, .ring_entries = 1};
  if (socketpair(AF_UNIX, SOCK_DGRAM, 0, fds) || io_uring_queue_init(4, &ring, 0)) return 1;
  if (io_uring_register_buf_ring(&ring, &one, 0)) return 1;
  setsockopt(fds[0], SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes);
  memcpy(memcpy(sent, &rights, sizeof rights) + sizeof rights, &file, sizeof file);
  sendmsg(fds[1], &(struct msghdr){.msg_control = sent, .msg_controllen = sizeof sent}, 0);

  io_uring_buf_ring_add(buffers, buffer, sizeof buffer, 0, 0, 0);
  io_uring_buf_ring_advance(buffers, 1);
  struct io_uring_sqe* request = io_uring_get_sqe(&ring);
  io_uring_prep_recvmsg_multishot(request, fds[0], &message, 0);
  request->flags |= IOSQE_BUFFER_SELECT;
  if (io_uring_submit(&ring) != 1 || io_uring_wait_cqe(&ring, &done)) return 1;
  struct io_uring_recvmsg_out* out = io_uring_recvmsg_validate(buffer, done->res, &message);
  printf("%u bytes of items%s\n", out->controllen, out->flags & MSG_CTRUNC ? ", cut" : "");
  struct cmsghdr* item = io_uring_recvmsg_cmsg_firsthdr(out, &message);
  for (; item; item = io_uring_recvmsg_cmsg_nexthdr(out, &message, item))
    printf("liburing: type %d\n", item->cmsg_type);
  struct msghdr same = {.msg_control = io_uring_recvmsg_cmsg_firsthdr(out, &message),
                        .msg_controllen = out->controllen};
  for (item = CMSG_FIRSTHDR(&same); item; item = CMSG_NXTHDR(&same, item))
    printf("cmsg(3):  type %d\n", item->cmsg_type);
}
