/* musl: CMSG_NXTHDR and an item without data at the end of the control data. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int main(void) {
  _Alignas(struct cmsghdr) unsigned char control[CMSG_SPACE(4) + CMSG_LEN(0)] = {0};
  struct cmsghdr first = {.cmsg_len = CMSG_LEN(4), .cmsg_level = 41, .cmsg_type = 7};
  struct cmsghdr last = {.cmsg_len = CMSG_LEN(0), .cmsg_level = 41, .cmsg_type = 8};
  struct msghdr message = {.msg_control = control};
  int items = 0;
  message.msg_controllen = sizeof control;
  memcpy(control, &first, sizeof first);
  memcpy(control + CMSG_SPACE(4), &last, sizeof last);
  for (struct cmsghdr* item = CMSG_FIRSTHDR(&message); item != NULL; item = CMSG_NXTHDR(&message, item)) ++items;
  printf("%s: %d of 2 items\n", LIBC, items);
  return 0;
}
