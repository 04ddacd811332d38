/* The door to JavaScript (Node-API 8). Nothing here decides anything: errors go out as negative errno, and src/runtime gives them names. */
#define NAPI_VERSION 8
#define _GNU_SOURCE
#include <node_api.h>
#include <uv.h>

#include <errno.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>

#include "engine.h"
#include "loop.h"

/* An engine as JavaScript holds it. Its memory lives until the engine is closed and both array buffers are collected. */
struct ring {
  struct engine engine;
  unsigned references;
  bool closed, listening;
  napi_env env;
  uv_poll_t *poll;
  napi_ref callback;
  napi_async_cleanup_hook_handle cleanup;
};

static napi_value number(napi_env env, double value) {
  napi_value result;
  napi_create_double(env, value, &result);
  return result;
}

static double argument(napi_env env, napi_value value) {
  double result = 0;
  napi_get_value_double(env, value, &result);
  return result;
}

static void set(napi_env env, napi_value object, const char *name, napi_value value) {
  napi_set_named_property(env, object, name, value);
}

static void drop(struct ring *ring) {
  if (--ring->references > 0) return;
  engine_free_memory(&ring->engine);
  free(ring);
}

static void poll_closed(uv_handle_t *handle) {
  struct ring *ring = handle->data;
  free(handle);
  ring->poll = NULL;
  napi_remove_async_cleanup_hook(ring->cleanup);
  drop(ring);
}

/* Waits for what the kernel still does. Safe to call twice. */
static void close_ring(struct ring *ring) {
  if (ring->closed) return;
  ring->closed = true;
  if (ring->poll != NULL) {
    uv_poll_stop(ring->poll);
    ring->references++;
    uv_close((uv_handle_t *)ring->poll, poll_closed);
  } else napi_remove_async_cleanup_hook(ring->cleanup);
  if (ring->callback != NULL) napi_delete_reference(ring->env, ring->callback);
  ring->callback = NULL;
  engine_close(&ring->engine);
}

static void at_exit(napi_async_cleanup_hook_handle handle, void *data) {
  (void)handle;
  close_ring(data);
}

static void handle_collected(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  close_ring(data);
  drop(data);
}

static void memory_collected(napi_env env, void *data, void *hint) {
  (void)env, (void)data;
  drop(hint);
}

static struct ring *ring_of(napi_env env, napi_callback_info info, size_t count, napi_value *arguments) {
  void *ring = NULL;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  if (napi_get_value_external(env, arguments[0], &ring) != napi_ok || ((struct ring *)ring)->closed) {
    napi_throw_error(env, "RING_CLOSED", "the ring is closed");
    return NULL;
  }
  return ring;
}

/* create(kind, depth, arenaBytes, threads, hugePages): {error, step} or the ring and its memory. */
static napi_value js_create(napi_env env, napi_callback_info info) {
  napi_value arguments[5], result, value;
  size_t count = 5;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  napi_create_object(env, &result);
  struct ring *ring = calloc(1, sizeof *ring);
  struct engine *engine = &ring->engine;
  int error = engine_create(engine, (int)argument(env, arguments[0]), (unsigned)argument(env, arguments[1]),
                            (size_t)argument(env, arguments[2]), (unsigned)argument(env, arguments[3]), argument(env, arguments[4]) != 0);
  set(env, result, "error", number(env, -error));
  set(env, result, "step", number(env, engine->step));
  if (error < 0) {
    free(ring);
    return result;
  }
  ring->env = env;
  ring->references = 2;
  napi_add_async_cleanup_hook(env, at_exit, ring, &ring->cleanup);
  napi_create_external(env, ring, handle_collected, NULL, &value);
  set(env, result, "handle", value);
  napi_create_external_arraybuffer(env, engine->control, engine->controlBytes, memory_collected, ring, &value);
  set(env, result, "control", value);
  if (engine->arena != NULL) {
    ring->references++;
    napi_create_external_arraybuffer(env, engine->arena, engine->arenaBytes, memory_collected, ring, &value);
  } else napi_create_arraybuffer(env, 0, NULL, &value);
  set(env, result, "arena", value);
  set(env, result, "flags", number(env, engine->uring.flags));
  set(env, result, "fixedBuffers", number(env, engine->fixedBuffers));
  set(env, result, "hugePages", number(env, engine->hugePages));
  set(env, result, "threads", number(env, engine->pool.threadCount));
  return result;
}

/* files(handle, Int32Array): 0 or -errno. */
static napi_value js_files(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  struct ring *ring = ring_of(env, info, 2, arguments);
  if (ring == NULL) return NULL;
  size_t length;
  void *data;
  napi_get_typedarray_info(env, arguments[1], NULL, &length, &data, NULL, NULL);
  return number(env, engine_files(&ring->engine, data, (unsigned)length));
}

/* While something is in flight, the event loop stays alive for it. */
static void keep_alive(struct ring *ring) {
  if (ring->poll == NULL) return;
  if (ring->engine.inFlight > 0) uv_ref((uv_handle_t *)ring->poll);
  else uv_unref((uv_handle_t *)ring->poll);
}

/* submit(handle, count): count or -errno. */
static napi_value js_submit(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  struct ring *ring = ring_of(env, info, 2, arguments);
  if (ring == NULL) return NULL;
  int result = engine_submit(&ring->engine, (unsigned)argument(env, arguments[1]));
  keep_alive(ring);
  return number(env, result);
}

/* complete(handle, min, timeoutNs): rows of completions or -errno. */
static napi_value js_complete(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  struct ring *ring = ring_of(env, info, 3, arguments);
  if (ring == NULL) return NULL;
  int result = engine_complete(&ring->engine, (unsigned)argument(env, arguments[1]), argument(env, arguments[2]));
  keep_alive(ring);
  return number(env, result);
}

/* enter(handle, count, min, timeoutNs): submit and complete in one call. */
static napi_value js_enter(napi_env env, napi_callback_info info) {
  napi_value arguments[4];
  struct ring *ring = ring_of(env, info, 4, arguments);
  if (ring == NULL) return NULL;
  unsigned count = (unsigned)argument(env, arguments[1]);
  int result = count > 0 ? engine_submit(&ring->engine, count) : 0;
  if (result >= 0) result = engine_complete(&ring->engine, (unsigned)argument(env, arguments[2]), argument(env, arguments[3]));
  keep_alive(ring);
  return number(env, result);
}

static void readable(uv_poll_t *poll, int status, int events) {
  (void)status, (void)events;
  struct ring *ring = poll->data;
  napi_env env = ring->env;
  napi_handle_scope scope;
  napi_value callback, receiver;
  napi_open_handle_scope(env, &scope);
  napi_get_reference_value(env, ring->callback, &callback);
  napi_get_global(env, &receiver);
  /* make_callback runs promise reactions and ticks behind it, as for any other event. */
  if (napi_make_callback(env, NULL, receiver, callback, 0, NULL, NULL) == napi_pending_exception) {
    napi_value error;
    napi_get_and_clear_last_exception(env, &error);
    napi_fatal_exception(env, error);
  }
  napi_close_handle_scope(env, scope);
}

/* listen(handle, callback): the callback is called whenever complete() has something to give. */
static napi_value js_listen(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  struct ring *ring = ring_of(env, info, 2, arguments);
  if (ring == NULL || ring->poll != NULL) return NULL;
  uv_loop_t *loop;
  napi_get_uv_event_loop(env, &loop);
  int fd = engine_listen(&ring->engine);
  if (fd < 0) return number(env, fd);
  napi_create_reference(env, arguments[1], 1, &ring->callback);
  ring->poll = malloc(sizeof *ring->poll);
  int error = uv_poll_init(loop, ring->poll, fd);
  if (error < 0) {
    free(ring->poll);
    ring->poll = NULL;
    return number(env, error);
  }
  ring->poll->data = ring;
  error = uv_poll_start(ring->poll, UV_READABLE, readable);
  keep_alive(ring);
  return number(env, error);
}

static napi_value js_close(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  size_t count = 1;
  void *ring = NULL;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  if (napi_get_value_external(env, arguments[0], &ring) == napi_ok) close_ring(ring);
  return NULL;
}

struct job {
  struct load load;
  struct outcome *outcome;
  napi_deferred deferred;
  napi_ref result;
  napi_async_work work;
};

static void run_job(napi_env env, void *data) {
  (void)env;
  struct job *job = data;
  run_load(&job->load, job->outcome);
}

static void job_done(napi_env env, napi_status status, void *data) {
  (void)status;
  struct job *job = data;
  napi_value result;
  napi_get_reference_value(env, job->result, &result);
  napi_resolve_deferred(env, job->deferred, result);
  napi_delete_reference(env, job->result);
  napi_delete_async_work(env, job->work);
  free(job);
}

/* measure(Float64Array of a load): promise of the Float64Array of its outcome. Runs in libuv's pool. */
static napi_value js_measure(napi_env env, napi_callback_info info) {
  napi_value arguments[1], buffer, result, promise, name;
  size_t count = 1, length;
  void *data;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  napi_get_typedarray_info(env, arguments[0], NULL, &length, &data, NULL, NULL);
  if (length != sizeof(struct load) / sizeof(double)) {
    napi_throw_range_error(env, NULL, "measure: the load has another number of fields");
    return NULL;
  }
  struct job *job = calloc(1, sizeof *job);
  memcpy(&job->load, data, sizeof job->load);
  napi_create_arraybuffer(env, sizeof *job->outcome, (void **)&job->outcome, &buffer);
  napi_create_typedarray(env, napi_float64_array, sizeof *job->outcome / sizeof(double), buffer, 0, &result);
  napi_create_reference(env, result, 1, &job->result);
  napi_create_promise(env, &job->deferred, &promise);
  napi_create_string_utf8(env, "tierscape.measure", NAPI_AUTO_LENGTH, &name);
  napi_create_async_work(env, NULL, name, run_job, job_done, job, &job->work);
  napi_queue_async_work(env, job->work);
  return promise;
}

/* extents(fd): bytes allocated but never written (reads of them touch no device), or -errno. */
static napi_value js_extents(napi_env env, napi_callback_info info) {
  enum { MANY = 256 };
  napi_value arguments[1];
  size_t count = 1;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  int fd = (int)argument(env, arguments[0]);
  struct fiemap *map = calloc(1, sizeof *map + MANY * sizeof(struct fiemap_extent));
  double unwritten = 0;
  bool last = false;
  while (map != NULL && !last) {
    map->fm_length = FIEMAP_MAX_OFFSET - map->fm_start;
    map->fm_extent_count = MANY;
    if (ioctl(fd, FS_IOC_FIEMAP, map) < 0) {
      unwritten = -errno;
      break;
    }
    last = map->fm_mapped_extents == 0;
    for (unsigned i = 0; i < map->fm_mapped_extents; i++) {
      const struct fiemap_extent *extent = &map->fm_extents[i];
      if (extent->fe_flags & FIEMAP_EXTENT_UNWRITTEN) unwritten += (double)extent->fe_length;
      map->fm_start = extent->fe_logical + extent->fe_length;
      last |= (extent->fe_flags & FIEMAP_EXTENT_LAST) != 0;
    }
  }
  free(map);
  return number(env, unwritten);
}

/* deviceSize(fd): bytes of a block device, or -errno. */
static napi_value js_device_size(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  size_t count = 1;
  uint64_t bytes = 0;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  if (ioctl((int)argument(env, arguments[0]), BLKGETSIZE64, &bytes) < 0) return number(env, -errno);
  return number(env, (double)bytes);
}

/* lock(fd): 0, or -errno (EWOULDBLOCK: another process has it). Ends with the descriptor. */
static napi_value js_lock(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  size_t count = 1;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  return number(env, flock((int)argument(env, arguments[0]), LOCK_EX | LOCK_NB) < 0 ? -errno : 0);
}

static napi_value js_now(napi_env env, napi_callback_info info) {
  (void)info;
  return number(env, now_ns());
}

NAPI_MODULE_INIT() {
  static const struct {
    const char *name;
    napi_callback function;
  } functions[] = {
      {"create", js_create}, {"files", js_files}, {"submit", js_submit}, {"complete", js_complete}, {"enter", js_enter}, {"listen", js_listen},
      {"close", js_close}, {"measure", js_measure}, {"extents", js_extents}, {"deviceSize", js_device_size}, {"lock", js_lock}, {"now", js_now},
  };
  for (unsigned i = 0; i < sizeof functions / sizeof *functions; i++) {
    napi_value value;
    napi_create_function(env, functions[i].name, NAPI_AUTO_LENGTH, functions[i].function, NULL, &value);
    set(env, exports, functions[i].name, value);
  }
  return exports;
}
