// Every value gets a static shape; what depends on shapes becomes explicit; constant shape operands become attributes.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --shape-infer | FileCheck %s
// WEIGHT shape = np.array([0, -1], np.int64).astype(np.float32)
// WEIGHT target = [7, 9]
// WEIGHT starts = [-3]
// WEIGHT ends = [9223372036854775807]
// WEIGHT filter = ramp(4, 3, 3, 3)
// WEIGHT tile = [2, 1]
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @conv(%arg0: tensor<1x3x15x16xf32> {{.*}}) -> tensor<1x4x8x8xf32>
  // CHECK: "top.Conv"{{.*}} {dilations = [1, 1], {{.*}}pads = [1, 0, 1, 1]{{.*}}strides = [2, 2]
  // CHECK-NOT: auto_pad
  func.func @conv(%x: tensor<1x3x15x16xf32>) -> tensor<*xf32> {
    %n = "top.None"() : () -> none
    %w = "top.Weight"() : () -> tensor<4x3x3x3xf32> loc("filter")
    %y = "top.Conv"(%x, %w, %n) {auto_pad = "SAME_UPPER", dilations = [1, 1], kernel_shape = [3, 3], pads = [0, 0, 0, 0], strides = [2, 2]} : (tensor<1x3x15x16xf32>, tensor<4x3x3x3xf32>, none) -> tensor<*xf32> loc("conv")
    return %y : tensor<*xf32>
  }
  // The ceil_mode's last windows become end pads; such pads do not count in a divisor.
  // CHECK-LABEL: func.func @pool
  // CHECK: "top.MaxPool"{{.*}}pads = [0, 0, 1, 0]{{.*}}-> tensor<1x3x4x4xf32>
  // CHECK: "top.AvgPool"{{.*}}count_include_pad = false{{.*}}pads = [0, 0, 1, 0]{{.*}}-> tensor<1x3x4x4xf32>
  // CHECK: "top.AvgPool"{{.*}}kernel_shape = [7, 8]{{.*}}-> tensor<1x3x1x1xf32>
  // CHECK-NOT: ceil_mode
  func.func @pool(%x: tensor<1x3x7x8xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>) {
    %a = "top.MaxPool"(%x) {ceil_mode = true, kernel_shape = [2, 2], pads = [0, 0, 0, 0], strides = [2, 2]} : (tensor<1x3x7x8xf32>) -> tensor<*xf32> loc("a")
    %b = "top.AvgPool"(%x) {ceil_mode = true, count_include_pad = true, kernel_shape = [2, 2], pads = [0, 0, 0, 0], strides = [2, 2]} : (tensor<1x3x7x8xf32>) -> tensor<*xf32> loc("b")
    %c = "top.AvgPool"(%x) {kernel_shape = [], pads = [], strides = []} : (tensor<1x3x7x8xf32>) -> tensor<*xf32> loc("c")
    return %a, %b, %c : tensor<*xf32>, tensor<*xf32>, tensor<*xf32>
  }
  // CHECK-LABEL: func.func @operands
  // CHECK: "top.Reshape"(%arg0) {{.*}}shape = [2, 12]
  // CHECK: "top.Interp"(%{{.*}}, %[[N:.+]]) {{.*}}scale_h = 3.500000e+00 : f64, scale_w = 3.000000e+00 : f64{{.*}}-> tensor<1x3x7x9xf32>
  // CHECK: "top.Slice"(%arg0, %[[N]], %[[N]], %{{.*}}) {axes = [], ends = [2, 3, 4], {{.*}}offset = [0, 0, 1], steps = [1, 1, 1]}{{.*}}-> tensor<2x3x3xf32>
  // CHECK: "top.Tile"(%{{.*}}) {tile = [2, 1]}{{.*}}-> tensor<4x12xf32>
  func.func @operands(%x: tensor<2x3x4xf32>, %i: tensor<1x3x2x3xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>) {
    %n = "top.None"() : () -> none
    %s = "top.Weight"() : () -> tensor<2xf32> loc("shape")
    %a = "top.Reshape"(%x, %s) : (tensor<2x3x4xf32>, tensor<2xf32>) -> tensor<*xf32> loc("reshape")
    %t = "top.Weight"() : () -> tensor<2xf32> loc("target")
    %b = "top.Interp"(%i, %t) {coord_mode = "half_pixel", mode = "linear"} : (tensor<1x3x2x3xf32>, tensor<2xf32>) -> tensor<*xf32> loc("interp")
    %o = "top.Weight"() : () -> tensor<1xf32> loc("starts")
    %e = "top.Weight"() : () -> tensor<1xf32> loc("ends")
    %c = "top.Slice"(%x, %o, %e, %n) {axes = [-1], ends = [0], offset = [0], steps = [1]} : (tensor<2x3x4xf32>, tensor<1xf32>, tensor<1xf32>, none) -> tensor<*xf32> loc("slice")
    %r = "top.Weight"() : () -> tensor<2xf32> loc("tile")
    %d = "top.Tile"(%a, %r) : (tensor<*xf32>, tensor<2xf32>) -> tensor<*xf32> loc("tiled")
    return %b, %c, %d : tensor<*xf32>, tensor<*xf32>, tensor<*xf32>
  }
  // CHECK-LABEL: func.func @axes
  // CHECK: "top.Softmax"(%arg0) {axis = 2 : si32
  // CHECK: "top.Reduce"(%arg0) {axes = [0, 2]
  // CHECK: "top.Concat"{{.*}}axis = 1 : si32
  // CHECK: "top.Slice"{{.*}}ends = [2, 3, -5], {{.*}}offset = [0, 0, 3], steps = [1, 1, -1]{{.*}}-> tensor<2x3x4xf32>
  func.func @axes(%x: tensor<2x3x4xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>) {
    %n = "top.None"() : () -> none
    %a = "top.Softmax"(%x) {axis = -1 : si32} : (tensor<2x3x4xf32>) -> tensor<*xf32> loc("softmax")
    %b = "top.Reduce"(%x) {axes = [-1, 0], keepdims = false, mode = "ReduceSum"} : (tensor<2x3x4xf32>) -> tensor<*xf32> loc("reduce")
    %c = "top.Concat"(%x, %x) {axis = -2 : si32} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<*xf32> loc("concat")
    %d = "top.Slice"(%x, %n, %n, %n) {axes = [2], ends = [-9223372036854775807], offset = [-1], steps = [-1]} : (tensor<2x3x4xf32>, none, none, none) -> tensor<*xf32> loc("back")
    return %a, %b, %c, %d : tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>
  }
}
