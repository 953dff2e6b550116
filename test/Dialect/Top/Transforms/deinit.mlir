// The weight file lies beside the output and is named by the module's state; nothing is written without need.
// RUN: %make_net %s %t
// RUN: mkdir %t/sub
// RUN: tpuc-opt %t/net.mlir --shape-infer -o %t/sub/out.mlir
// RUN: FileCheck %s < %t/sub/out.mlir
// RUN: %show_weights %t/sub/net_top_f32_all_weight.npz | FileCheck %s --check-prefix=VALUES --match-full-lines
// A second run in place changes nothing and writes nothing.
// RUN: touch -d 2001-01-01 %t/sub/net_top_f32_all_weight.npz
// RUN: tpuc-opt %t/sub/out.mlir --shape-infer -o %t/sub/out.mlir
// RUN: find %t/sub -newermt 2002-01-01 -name '*.npz' | count 0
// Without an output file, or when asked not to, no weights are written.
// RUN: tpuc-opt %t/net.mlir --shape-infer > %t/stdout.mlir
// RUN: tpuc-opt %t/net.mlir --shape-infer -o /dev/null
// RUN: tpuc-opt %t/net.mlir --shape-infer --deinit=no_save_weight=true -o %t/kept.mlir
// RUN: ls %t | FileCheck %s --check-prefix=FILES
// RUN: grep -c 'module.weight_file = "in.npz"' %t/kept.mlir
// An output that cannot be written leaves nothing behind.
// RUN: not tpuc-opt %t/net.mlir --shape-infer -o %t/none/out.mlir 2>&1 | FileCheck %s --check-prefix=UNWRITABLE
// RUN: not tpuc-opt %t/net.mlir --shape-infer -o /dev/full 2>&1 | FileCheck %s --check-prefix=FULL
// WEIGHT a = [1, 2]
// WEIGHT half = f16([1, 2])
// CHECK: module.weight_file = "net_top_f32_all_weight.npz"
// VALUES: a f32 2: 1 2
// VALUES: half u16 2: 15360 16384
// FILES-NOT: net_top_f32_all_weight.npz
// UNWRITABLE: error: '{{.*}}none/net_top_f32_all_weight.npz': cannot be written: No such file or directory.
// FULL: error: cannot write '/dev/full': No space left on device
module @net attributes {module.chip = "ALL", module.state = "TOP_F32", module.weight_file = "in.npz"} {
  func.func @main(%x: tensor<2xf32>) -> tensor<2xf32> {
    %a = "top.Weight"() : () -> tensor<2xf32> loc("a")
    %b = "top.Weight"() : () -> tensor<2xf16> loc("half")
    %0 = "top.Add"(%a, %b, %x) : (tensor<2xf32>, tensor<2xf16>, tensor<2xf32>) -> tensor<2xf32> loc("sum")
    return %0 : tensor<2xf32>
  }
}
