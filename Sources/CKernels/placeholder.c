#include "CKernels.h"
int pare_kernels_placeholder(void) { return 0; }
