#include "lease.h"

_Thread_local struct qnetc_lease *qnetc_lease __attribute__((tls_model("initial-exec")));
