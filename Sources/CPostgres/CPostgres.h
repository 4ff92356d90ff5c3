#include <libpq-fe.h>

/* In glibc behind _GNU_SOURCE, which Swift's own module of glibc does not set. A pipe must never be
   seen by a child process, not even between two calls. */
extern int pipe2(int descriptors[2], int flags);
