// close(2) for Erlang, which has none: socket:close leaves a descriptor open that it was given with {dup, false}.
#include <erl_nif.h>
#include <unistd.h>

static ERL_NIF_TERM close_number(ErlNifEnv* env, int count, const ERL_NIF_TERM arguments[]) {
  int fd = -1;
  if (count != 1 || !enif_get_int(env, arguments[0], &fd)) return enif_make_badarg(env);
  return enif_make_int(env, close(fd));
}

static ErlNifFunc functions[] = {{"close_number", 1, close_number, 0}};

ERL_NIF_INIT(adapter, functions, NULL, NULL, NULL, NULL)
