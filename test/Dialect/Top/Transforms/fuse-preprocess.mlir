// A picture's way from bytes to the network's values becomes ops: crop, layout, order of channels, mean and scale.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --fuse-preprocess="mode=INT8 customization_format=BGR_PACKED" -o %t/packed.mlir
// RUN: FileCheck %s < %t/packed.mlir
// RUN: tpuc-opt %t/net.mlir --fuse-preprocess="mode=F16 align=true" -o %t/aligned.mlir
// RUN: FileCheck %s --check-prefix=ALIGNED < %t/aligned.mlir
// RUN: tpuc-opt %t/net.mlir --fuse-preprocess="mode=F32 customization_format=YUV_NV21" -o %t/yuv.mlir
// RUN: FileCheck %s --check-prefix=YUV < %t/yuv.mlir
// RUN: not tpuc-opt %t/net.mlir --fuse-preprocess="customization_format=RGGB_RAW" -o %t/bad.mlir 2>&1 | FileCheck %s --check-prefix=RAW
// RUN: not tpuc-opt %t/net.mlir --fuse-preprocess="customization_format=GRAYSCALE" -o %t/bad.mlir 2>&1 | FileCheck %s --check-prefix=GRAY
// WEIGHT w = ramp(1, 3, 1, 1)
// RAW: frames of sensor data (RGGB_RAW) are not supported on bm1684x; convert them to RGB before
// GRAY: frames of the format GRAYSCALE have 1 channels, the network takes 3; choose another customization_format
module @net attributes {module.chip = "bm1684x", module.mode = "INT8", module.platform = "ONNX", module.state = "TOP_CALIBRATED", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK: func.func @main(%arg0: tensor<1x6x8x3x!quant.uniform<u8:f32, 1.000000e+00>>
  // CHECK: %[[X:.+]] = "top.Input"(%arg0) {aligned = false, {{.*}}customization_format = "BGR_PACKED"{{.*}} loc(#[[IN:.+]])
  // CHECK: %[[ROWS:.+]] = "top.Slice"(%[[X]]{{.*}}offset = [0, 1, 0, 0]{{.*}} -> tensor<1x4x8x3x
  // CHECK: %[[CROP:.+]] = "top.Slice"(%[[ROWS]]{{.*}}offset = [0, 0, 1, 0]{{.*}} -> tensor<1x4x6x3x
  // CHECK: %[[PLANES:.+]] = "top.Permute"(%[[CROP]]) {order = [0, 3, 1, 2]}
  // CHECK-COUNT-3: "top.Slice"(%[[PLANES]]
  // CHECK: %[[RGB:.+]] = "top.Concat"({{.*}}axis = 1 : si32{{.*}} -> tensor<1x3x4x6x!quant.uniform<u8:f32, 1.000000e+00>>
  // CHECK: %[[P:.+]] = "top.Scale"(%[[RGB]], {{.*}} -> tensor<1x3x4x6x!quant.calibrated<f32<-2.000000e+00:2.000000e+00>>> loc(#[[OUT:.+]])
  // CHECK-NOT: preprocess}
  // CHECK: "top.Conv"(%[[P]]
  // CHECK-DAG: #[[IN]] = loc("x")
  // CHECK-DAG: #[[OUT]] = loc("x_preprocess")
  // ALIGNED: %arg0: tensor<1x3x6x32x!quant.uniform<u8:f32, 1.000000e+00>>
  // ALIGNED: "top.Input"(%arg0) {aligned = true, {{.*}}customization_format = "RGB_PLANAR"
  // ALIGNED: "top.Slice"({{.*}}ends = [1, 3, 6, 8]
  // ALIGNED: "top.Scale"({{.*}}preprocess
  // YUV: %arg0: tensor<1x1x9x8x!quant.uniform<u8:f32, 1.000000e+00>>
  // YUV-COUNT-2: "top.Upsample"({{.*}} -> tensor<1x1x6x8x!quant.uniform<u8:f32, 1.000000e+00>>
  // YUV: "top.Conv"({{.*}}preprocess{{.*}} -> tensor<1x3x4x6xf32>
  // YUV: "top.Clip"({{.*}}max = 2.550000e+02 : f64, min = 0.000000e+00 : f64, preprocess}
  // YUV: "top.Scale"({{.*}}preprocess
  func.func @main(%arg0: tensor<1x3x4x6xf32>) -> tensor<1x1x4x6xf32> {
    %n = "top.None"() : () -> none
    %0 = "top.Input"(%arg0) {channel_format = "nchw", do_preprocess = true, mean = [10.0, 20.0, 30.0], pixel_format = "rgb", resize_dims = [6, 8], scale = [0.5, 0.25, 0.125]} : (tensor<1x3x4x6xf32>) -> tensor<1x3x4x6x!quant.calibrated<f32<-2.0:2.0>>> loc("x")
    %1 = "top.Weight"() : () -> tensor<1x3x1x1xf32> loc("w")
    %2 = "top.Conv"(%0, %1, %n) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0]} : (tensor<1x3x4x6x!quant.calibrated<f32<-2.0:2.0>>>, tensor<1x3x1x1xf32>, none) -> tensor<1x1x4x6xf32> loc("y")
    return %2 : tensor<1x1x4x6xf32>
  }
}
