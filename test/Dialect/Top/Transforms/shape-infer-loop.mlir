// Shapes reach into the body of a loop; Input ops that name its arguments, as upstream's front end writes them, go.
// RUN: tpuc-opt %s --shape-infer | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK: "top.Loop"
  // CHECK-NEXT: ^bb0(%{{[a-z0-9]+}}: tensor<1xf32>{{.*}}, %[[C:[a-z0-9]+]]: tensor<1xf32>{{.*}}, %[[V:[a-z0-9]+]]: tensor<2x3xf32>
  // CHECK-NEXT: %[[S:[a-z0-9]+]] = "top.Add"(%[[V]], %{{.+}} -> tensor<2x3xf32>
  // CHECK-NEXT: "top.Yield"(%[[C]], %[[S]]) : (tensor<1xf32>, tensor<2x3xf32>)
  // CHECK: -> tensor<2x3xf32>
  // CHECK: "top.Abs"{{.*}} -> tensor<2x3xf32>
  func.func @main(%arg0: tensor<1xsi32>, %arg1: tensor<2x3xf32>) -> tensor<*xf32> {
    %n = "top.None"() : () -> none
    %m = "top.Input"(%arg0) {do_preprocess = false} : (tensor<1xsi32>) -> tensor<1xf32> loc("m")
    %x = "top.Input"(%arg1) {do_preprocess = false} : (tensor<2x3xf32>) -> tensor<2x3xf32> loc("x")
    %l = "top.Loop"(%m, %n, %x) ({
    ^bb0(%i: tensor<1xsi32>, %c: tensor<1xsi32>, %v: tensor<2x3xf32>):
      %j = "top.Input"(%i) {do_preprocess = false} : (tensor<1xsi32>) -> tensor<1xsi32> loc("j")
      %d = "top.Input"(%c) {do_preprocess = false} : (tensor<1xsi32>) -> tensor<1xsi32> loc("d")
      %w = "top.Input"(%v) {do_preprocess = false} : (tensor<2x3xf32>) -> tensor<2x3xf32> loc("w")
      %s = "top.Add"(%w, %x) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<*xf32> loc("s")
      "top.Yield"(%d, %s) : (tensor<1xsi32>, tensor<*xf32>) -> ()
    }) : (tensor<1xf32>, none, tensor<2x3xf32>) -> tensor<*xf32> loc("l")
    %y = "top.Abs"(%l) : (tensor<*xf32>) -> tensor<*xf32> loc("y")
    return %y : tensor<*xf32>
  }
}
