// A weight without a value, or with one of another type, is found before any pass works.
// RUN: %make_net %s %t
// RUN: not tpuc-opt %t/net.mlir --struct-optimize -o %t/out.mlir 2>&1 | FileCheck %s
// RUN: not ls %t/out.mlir
// RUN: mv %t/in.npz %t/moved.npz
// RUN: not tpuc-opt %t/net.mlir --struct-optimize -o %t/out.mlir 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: sed s/in.npz/moved.npz/ %t/net.mlir > %t/type.mlir
// RUN: sed -i '/"absent"/d' %t/type.mlir
// RUN: not tpuc-opt %t/type.mlir --init 2>&1 | FileCheck %s --check-prefix=TYPE
// WEIGHT a = [1, 2]
// WEIGHT b = f16([1, 2])
// CHECK: absent: error: weight 'absent' is not in {{.*}}in.npz
// MISSING: a: error: cannot read weight 'a': '{{.*}}in.npz' cannot be opened: No such file or directory.
// TYPE: b: error: 'top.Weight' op has element type 'f32', but the array 'b' is u16
module @net attributes {module.chip = "ALL", module.state = "TOP_F32", module.weight_file = "in.npz"} {
  func.func @main(%x: tensor<2xf32>) -> tensor<2xf32> {
    %a = "top.Weight"() : () -> tensor<2xf32> loc("a")
    %c = "top.Weight"() : () -> tensor<2xf32> loc("absent")
    %b = "top.Weight"() : () -> tensor<2xf32> loc("b")
    %0 = "top.Add"(%a, %b, %x) : (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32> loc("sum")
    return %0 : tensor<2xf32>
  }
}
