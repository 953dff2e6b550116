// processor-assign writes the choices on the module and refuses what is not there.
// RUN: tpuc-opt %s --processor-assign="chip=bm1684x mode=f16 num_device=1 num_core=1 addr_mode=auto high_precision=false" -o %t
// RUN: FileCheck %s < %t
// RUN: not tpuc-opt %s --processor-assign="chip=bm1688 mode=F16" -o %t 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not tpuc-opt %s --processor-assign="chip=bm1684x mode=F8" -o %t 2>&1 | FileCheck %s --check-prefix=MODE
// RUN: not tpuc-opt %s --processor-assign="chip=bm1684x mode=F32 num_core=2" -o %t 2>&1 | FileCheck %s --check-prefix=CORE
// CHECK: module.addr_mode = "basic"
// CHECK-SAME: module.chip = "bm1684x", module.cores = 1 : i64, module.devices = 1 : i64, module.high_precision = false, module.mode = "F16"
// CHIP: chip 'bm1688' is not supported; use chip=bm1684x
// MODE: mode 'F8' is not supported; use one of F32, F16, BF16
// CORE: use num_device=1 num_core=1
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC"} {
  func.func @main(%arg0: tensor<1x4xf32>) -> tensor<1x4xf32> {
    %0 = "top.Input"(%arg0) : (tensor<1x4xf32>) -> tensor<1x4xf32> loc("x")
    return %0 : tensor<1x4xf32>
  }
}
