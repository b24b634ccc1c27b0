/* libuv: a loop beside an unread error. cc libuv_busy_wait.c -o libuv_busy_wait -luv && ./libuv_busy_wait */
#include <stdio.h>
#include <sys/resource.h>
#include <uv.h>

static char room[4];

static void allocate(uv_handle_t* handle, size_t suggested, uv_buf_t* buffer) {
  (void)handle, (void)suggested;
  *buffer = uv_buf_init(room, sizeof room);
}

static void received(uv_udp_t* handle, ssize_t count, const uv_buf_t* buffer, const struct sockaddr* address,
                     unsigned flags) {
  (void)handle, (void)buffer, (void)address, (void)flags;
  if (count != 0) printf("received: %zd, %s\n", count, count < 0 ? uv_strerror((int)count) : "bytes");
}

static void stop(uv_timer_t* timer) {
  uv_stop(timer->loop);
}

int main(void) {
  uv_loop_t* loop = uv_default_loop();
  uv_udp_t handle;
  uv_timer_t timer;
  struct sockaddr_in here, nowhere;
  uv_buf_t data = uv_buf_init("abc", 3);
  struct rusage used;
  uv_ip4_addr("127.0.0.1", 0, &here);
  uv_ip4_addr("127.0.0.1", 9, &nowhere);
  uv_udp_init(loop, &handle);
  uv_udp_bind(&handle, (struct sockaddr*)&here, UV_UDP_LINUX_RECVERR);
  uv_udp_recv_start(&handle, allocate, received);
  uv_udp_try_send(&handle, &data, 1, (struct sockaddr*)&nowhere);
  uv_timer_init(loop, &timer);
  uv_timer_start(&timer, stop, 2000, 0);
  uv_run(loop, UV_RUN_DEFAULT);
  getrusage(RUSAGE_SELF, &used);
  const long milliseconds =
      (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000;
  printf("libuv %s: after 2 s, %ld ms of processor time\n", uv_version_string(), milliseconds);
}
