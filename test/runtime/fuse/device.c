/*
 * One file over FUSE, spoken directly on /dev/fuse (root; no libfuse), for a Node program that decides when each request ends. Bytes come from and go to a
 * backing file; open(directory, backing) mounts DIRECTORY/drive, wait() gathers requests, reply() ends one.
 */
#define NAPI_VERSION 8
#define _GNU_SOURCE
#include <node_api.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define FILE_NODE 2
#define REQUEST_BYTES (1024 * 1024 + 4096)
#define ROWS 512

static int device = -1;
static char *data, *request;
static size_t bytes;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

static void answer(uint64_t unique, int error, const void *body, size_t length) {
  struct fuse_out_header head = {.len = sizeof head + length, .error = -error, .unique = unique};
  struct iovec parts[2] = {{&head, sizeof head}, {(void *)body, length}};
  if (writev(device, parts, length > 0 ? 2 : 1) < 0 && errno != ENOENT) perror("answer");
}

static struct fuse_attr attributes(uint64_t node) {
  struct fuse_attr attr = {.ino = node, .nlink = 1, .blksize = 4096};
  attr.mode = node == FILE_NODE ? S_IFREG | 0600 : S_IFDIR | 0700;
  attr.size = node == FILE_NODE ? bytes : 0;
  attr.blocks = attr.size / 512;
  return attr;
}

/* Everything but reads and writes of the file ends at once. */
static void serve(const struct fuse_in_header *in) {
  const void *body = in + 1;
  switch (in->opcode) {
    case FUSE_INIT: {
      const struct fuse_init_in *asked = body;
      struct fuse_init_out out = {.major = 7, .minor = FUSE_KERNEL_MINOR_VERSION, .max_readahead = asked->max_readahead};
      out.flags = asked->flags & (FUSE_ASYNC_READ | FUSE_ASYNC_DIO | FUSE_BIG_WRITES | FUSE_MAX_PAGES | FUSE_PARALLEL_DIROPS);
      out.max_background = 1024;
      out.congestion_threshold = 1024;
      out.max_write = 1024 * 1024;
      out.max_pages = 256;
      out.time_gran = 1;
      return answer(in->unique, 0, &out, sizeof out);
    }
    case FUSE_LOOKUP: {
      struct fuse_entry_out out = {.nodeid = FILE_NODE, .attr_valid = 3600, .entry_valid = 3600, .attr = attributes(FILE_NODE)};
      if (strcmp(body, "drive") != 0) return answer(in->unique, ENOENT, NULL, 0);
      return answer(in->unique, 0, &out, sizeof out);
    }
    case FUSE_GETATTR:
    case FUSE_SETATTR: {
      struct fuse_attr_out out = {.attr_valid = 3600, .attr = attributes(in->nodeid)};
      return answer(in->unique, 0, &out, sizeof out);
    }
    case FUSE_OPEN:
    case FUSE_OPENDIR: {
      struct fuse_open_out out = {.open_flags = in->opcode == FUSE_OPEN ? FOPEN_DIRECT_IO : 0};
      return answer(in->unique, 0, &out, sizeof out);
    }
    case FUSE_STATFS: {
      struct fuse_statfs_out out = {.st = {.bsize = 4096, .namelen = 255}};
      return answer(in->unique, 0, &out, sizeof out);
    }
    case FUSE_RELEASE:
    case FUSE_RELEASEDIR:
    case FUSE_FLUSH:
    case FUSE_FSYNC:
    case FUSE_ACCESS:
      return answer(in->unique, 0, NULL, 0);
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT:
      return;
    default:
      return answer(in->unique, ENOSYS, NULL, 0);
  }
}

static napi_value number(napi_env env, double value) {
  napi_value result;
  napi_create_double(env, value, &result);
  return result;
}

/* open(directory, backing): 0, or -errno. */
static napi_value open_device(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  size_t count = 2;
  char directory[4096], backing[4096], options[128];
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  napi_get_value_string_utf8(env, arguments[0], directory, sizeof directory, NULL);
  napi_get_value_string_utf8(env, arguments[1], backing, sizeof backing, NULL);
  int file = open(backing, O_RDWR);
  struct stat stat;
  if (file < 0 || fstat(file, &stat) != 0) return number(env, -errno);
  bytes = stat.st_size;
  data = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file, 0);
  request = malloc(REQUEST_BYTES);
  device = open("/dev/fuse", O_RDWR | O_NONBLOCK);
  if (data == MAP_FAILED || request == NULL || device < 0) return number(env, -errno);
  snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0,max_read=1048576", device);
  if (mount("tierscape-test", directory, "fuse", MS_NOSUID | MS_NODEV, options) != 0) return number(env, -errno);
  prctl(PR_SET_TIMERSLACK, 1L);
  return number(env, 0);
}

/*
 * wait(timeoutNs, rows): requests that came, [unique, write, offset, length, ns] a row; waits for the first, up to the timeout (below 0: for ever). -errno where
 * the file system is gone. A write's bytes are taken at once.
 */
static napi_value wait_device(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  size_t count = 2;
  double timeout, *rows;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  napi_get_value_double(env, arguments[0], &timeout);
  napi_get_typedarray_info(env, arguments[1], NULL, NULL, (void **)&rows, NULL, NULL);
  struct pollfd ready = {.fd = device, .events = POLLIN};
  struct timespec time = {.tv_sec = timeout / 1e9, .tv_nsec = (long)(timeout - (long)(timeout / 1e9) * 1e9)};
  ppoll(&ready, 1, timeout < 0 ? NULL : &time, NULL);
  int row = 0;
  while (row < ROWS) {
    if (read(device, request, REQUEST_BYTES) < 0) {
      if (errno == EAGAIN) break;
      if (errno == EINTR || errno == ENOENT) continue;
      return number(env, -errno);
    }
    const struct fuse_in_header *in = (void *)request;
    if (in->opcode != FUSE_READ && in->opcode != FUSE_WRITE) {
      serve(in);
      continue;
    }
    const struct fuse_read_in *of = (void *)(in + 1); /* a write's begins alike */
    size_t length = of->offset >= bytes ? 0 : of->size < bytes - of->offset ? of->size : bytes - of->offset;
    if (in->opcode == FUSE_WRITE) memcpy(data + of->offset, (char *)(in + 1) + sizeof(struct fuse_write_in), length);
    double *at = rows + 5 * row++;
    at[0] = in->unique;
    at[1] = in->opcode == FUSE_WRITE;
    at[2] = of->offset;
    at[3] = length;
    at[4] = now();
  }
  return number(env, row);
}

/* reply(unique, write, offset, length, errno) */
static napi_value reply(napi_env env, napi_callback_info info) {
  napi_value arguments[5];
  size_t count = 5;
  double of[5];
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  for (int i = 0; i < 5; i++) napi_get_value_double(env, arguments[i], &of[i]);
  if (of[4] != 0) answer(of[0], of[4], NULL, 0);
  else if (of[1] != 0) {
    struct fuse_write_out out = {.size = of[3]};
    answer(of[0], 0, &out, sizeof out);
  } else answer(of[0], 0, data + (size_t)of[2], of[3]);
  return NULL;
}

static napi_value clock_now(napi_env env, napi_callback_info info) {
  (void)info;
  return number(env, now());
}

NAPI_MODULE_INIT() {
  napi_property_descriptor functions[] = {
      {"open", NULL, open_device, NULL, NULL, NULL, napi_enumerable, NULL},
      {"wait", NULL, wait_device, NULL, NULL, NULL, napi_enumerable, NULL},
      {"reply", NULL, reply, NULL, NULL, NULL, napi_enumerable, NULL},
      {"now", NULL, clock_now, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions);
  return exports;
}
