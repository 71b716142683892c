#include <cblas.h>
#include <lapacke.h>

// OpenBLAS runs its own thread pool unless told otherwise; every call of ours is single-threaded.
extern void openblas_set_num_threads(int count);
