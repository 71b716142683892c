int pare_kernels_placeholder(void);
