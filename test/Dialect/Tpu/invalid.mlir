// Every constraint of the Tpu ops has a sentence of its own.
// RUN: tpuc-opt %s --verify-diagnostics --split-input-file

func.func @f(%a: tensor<1x8x4x4xf16>) {
  // expected-error@+1 {{has a result of shape 1x8x4x5 for an input of shape 1x8x4x4}}
  %0 = "tpu.Cast"(%a) : (tensor<1x8x4x4xf16>) -> tensor<1x8x4x5xf32>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>) {
  // expected-error@+1 {{has a result of shape 1x8x16 for an input of shape 1x8x4x4}}
  %0 = "tpu.Relu"(%a) : (tensor<1x8x4x4xf16>) -> tensor<1x8x16xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>) {
  // expected-error@+1 {{needs 1 coeffs for mode ELU, got 0}}
  %0 = "tpu.Active"(%a) {mode = #tpu<active_mode ELU>} : (tensor<1x8x4x4xf16>) -> tensor<1x8x4x4xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>) {
  // expected-error@+1 {{needs 2 coeffs for mode HSIGMOID, got 1}}
  %0 = "tpu.Active"(%a) {coeffs = [0.2], mode = #tpu<active_mode HSIGMOID>} : (tensor<1x8x4x4xf16>) -> tensor<1x8x4x4xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>) {
  // expected-error@+1 {{needs alpha for a float input}}
  %0 = "tpu.LeakyRelu"(%a) : (tensor<1x8x4x4xf16>) -> tensor<1x8x4x4xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>) {
  // expected-error@+1 {{min (1.000000e+00) must not be greater than max (0.000000e+00)}}
  %0 = "tpu.Clip"(%a) {max = 0.0 : f64, min = 1.0 : f64} : (tensor<1x8x4x4xf16>) -> tensor<1x8x4x4xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>) {
  // expected-error@+1 {{needs at least 2 operands, got 1}}
  %0 = "tpu.Add"(%a) : (tensor<1x8x4x4xf16>) -> tensor<1x8x4x4xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>, %b: tensor<1x8x4x4xf16>) {
  // expected-error@+1 {{has 1 values in multipliers for 2 operands}}
  %0 = "tpu.Add"(%a, %b) {multipliers = [1]} : (tensor<1x8x4x4xf16>, tensor<1x8x4x4xf16>) -> tensor<1x8x4x4xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>, %b: tensor<3x4x4xf16>) {
  // expected-error@+1 {{has operands whose shapes do not broadcast: 3x4x4 and 1x8x4x4}}
  %0 = "tpu.Sub"(%a, %b) : (tensor<1x8x4x4xf16>, tensor<3x4x4xf16>) -> tensor<1x8x4x4xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>, %b: tensor<8x1x1xf16>) {
  // expected-error@+1 {{has a result of shape 8x4x4, but its operands and attributes give 1x8x4x4}}
  %0 = "tpu.Mul"(%a, %b) : (tensor<1x8x4x4xf16>, tensor<8x1x1xf16>) -> tensor<8x4x4xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>, %b: tensor<1x8x4x4xf16>, %c: tensor<1x8x4x4xf16>) {
  // expected-error@+1 {{needs 2 operands, got 3}}
  %0 = "tpu.Div"(%a, %b, %c) : (tensor<1x8x4x4xf16>, tensor<1x8x4x4xf16>, tensor<1x8x4x4xf16>) -> tensor<1x8x4x4xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>) {
  // expected-error@+1 {{needs at least 2 operands, got 1}}
  %0 = "tpu.Max"(%a) : (tensor<1x8x4x4xf16>) -> tensor<1x8x4x4xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>) {
  // expected-error@+1 {{needs at least 2 operands, got 1}}
  %0 = "tpu.Min"(%a) : (tensor<1x8x4x4xf16>) -> tensor<1x8x4x4xf16>
  return
}

// -----

func.func @f(%a: tensor<8x4x4xf16>, %b: tensor<8x8x3x3xf16>, %c: none) {
  // expected-error@+1 {{needs an input of rank 4, got 3}}
  %0 = "tpu.Conv2D"(%a, %b, %c) {kernel_shape = [3, 3], pads = [0, 0, 0, 0], strides = [1, 1], with_bias = false} : (tensor<8x4x4xf16>, tensor<8x8x3x3xf16>, none) -> tensor<8x2x2xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>, %b: tensor<8x8x3x3xf16>, %c: none) {
  // expected-error@+1 {{kernel_shape needs 2 values, got 1}}
  %0 = "tpu.Conv2D"(%a, %b, %c) {kernel_shape = [3], pads = [0, 0, 0, 0], strides = [1, 1], with_bias = false} : (tensor<1x8x4x4xf16>, tensor<8x8x3x3xf16>, none) -> tensor<1x8x2x2xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>, %b: tensor<8x8x3x3xf16>, %c: none) {
  // expected-error@+1 {{dilations contains 0; each value must be at least 1}}
  %0 = "tpu.Conv2D"(%a, %b, %c) {dilations = [0, 1], kernel_shape = [3, 3], pads = [0, 0, 0, 0], strides = [1, 1], with_bias = false} : (tensor<1x8x4x4xf16>, tensor<8x8x3x3xf16>, none) -> tensor<1x8x2x2xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>, %b: tensor<8x8x3x3xf16>, %c: none) {
  // expected-error@+1 {{cannot split 8 and 8 channels into 3 groups}}
  %0 = "tpu.Conv2D"(%a, %b, %c) {group = 3 : i64, kernel_shape = [3, 3], pads = [0, 0, 0, 0], strides = [1, 1], with_bias = false} : (tensor<1x8x4x4xf16>, tensor<8x8x3x3xf16>, none) -> tensor<1x8x2x2xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>, %b: tensor<8x8x3x3xf16>, %c: none) {
  // expected-error@+1 {{has with_bias = true without a bias}}
  %0 = "tpu.Conv2D"(%a, %b, %c) {kernel_shape = [3, 3], pads = [0, 0, 0, 0], strides = [1, 1], with_bias = true} : (tensor<1x8x4x4xf16>, tensor<8x8x3x3xf16>, none) -> tensor<1x8x2x2xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>, %b: tensor<8x8x3x3xf16>, %c: none) {
  // expected-error@+1 {{has a result of shape 1x8x3x3, but its operands and attributes give 1x8x2x2}}
  %0 = "tpu.Conv2D"(%a, %b, %c) {kernel_shape = [3, 3], pads = [0, 0, 0, 0], strides = [1, 1], with_bias = false} : (tensor<1x8x4x4xf16>, tensor<8x8x3x3xf16>, none) -> tensor<1x8x3x3xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>, %b: tensor<8x8x3x3xf16>, %c: none) {
  // expected-error@+1 {{has a result of shape 2x8x2x2 for an input of 1x8x4x4}}
  %0 = "tpu.Conv2D"(%a, %b, %c) {kernel_shape = [3, 3], pads = [0, 0, 0, 0], strides = [1, 1], with_bias = false} : (tensor<1x8x4x4xf16>, tensor<8x8x3x3xf16>, none) -> tensor<2x8x2x2xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>, %b: tensor<8x8x3x3xf16>, %c: none) {
  // expected-error@+1 {{output_padding needs 2 values, got 1}}
  %0 = "tpu.Deconv"(%a, %b, %c) {output_padding = [0], kernel_shape = [3, 3], pads = [0, 0, 0, 0], strides = [1, 1], with_bias = false} : (tensor<1x8x4x4xf16>, tensor<8x8x3x3xf16>, none) -> tensor<1x8x6x6xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>, %b: tensor<8x8x3x3xf16>, %c: tensor<8xf32>) {
  // expected-error@+1 {{has with_bias = false with a bias}}
  %0 = "tpu.Deconv"(%a, %b, %c) {kernel_shape = [3, 3], pads = [0, 0, 0, 0], strides = [1, 1], with_bias = false} : (tensor<1x8x4x4xf16>, tensor<8x8x3x3xf16>, tensor<8xf32>) -> tensor<1x8x6x6xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>, %b: tensor<8x8x3x3xf16>, %c: none) {
  // expected-error@+1 {{has a result of shape 1x8x2x2, but its operands and attributes give 1x8x6x6}}
  %0 = "tpu.Deconv"(%a, %b, %c) {kernel_shape = [3, 3], pads = [0, 0, 0, 0], strides = [1, 1], with_bias = false} : (tensor<1x8x4x4xf16>, tensor<8x8x3x3xf16>, none) -> tensor<1x8x2x2xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>) {
  // expected-error@+1 {{has a pad of 2 for a kernel of 2; a pad must be smaller}}
  %0 = "tpu.Pool2D"(%a) {kernel_shape = [2, 2], pads = [2, 0, 0, 0], pool_mode = #tpu<pool_mode Max>, strides = [2, 2]} : (tensor<1x8x4x4xf16>) -> tensor<1x8x3x2xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>) {
  // expected-error@+1 {{is_adaptive is not supported}}
  %0 = "tpu.Pool2D"(%a) {is_adaptive = true, kernel_shape = [2, 2], pads = [0, 0, 0, 0], pool_mode = #tpu<pool_mode Avg>, strides = [2, 2]} : (tensor<1x8x4x4xf16>) -> tensor<1x8x2x2xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>, %b: tensor<7xf16>, %c: tensor<8xf16>, %d: none) {
  // expected-error@+1 {{needs parameters with one value per channel of 1x8x4x4, got shape 7}}
  %0 = "tpu.Scale"(%a, %b, %c, %d) : (tensor<1x8x4x4xf16>, tensor<7xf16>, tensor<8xf16>, none) -> tensor<1x8x4x4xf16>
  return
}

// -----

func.func @f(%a: tensor<2x3xf16>, %b: tensor<3x5xf16>, %c: tensor<4xf32>, %d: none, %e: none) {
  // expected-error@+1 {{needs a bias of 5 values, got shape 4}}
  %0 = "tpu.MatMul"(%a, %b, %c, %d, %e) : (tensor<2x3xf16>, tensor<3x5xf16>, tensor<4xf32>, none, none) -> tensor<2x5xf16>
  return
}

// -----

func.func @f(%a: tensor<2x4xf16>, %b: none, %c: none, %d: none, %e: none) {
  // expected-error@+1 {{normalized_shape 3 is not the end of the input's shape 2x4 from axis 1}}
  %0 = "tpu.LayerNorm"(%a, %b, %c, %d, %e) {axis = 1 : si32, eps = 1.0e-5 : f64, normalized_shape = [3]} : (tensor<2x4xf16>, none, none, none, none) -> tensor<2x4xf16>
  return
}

// -----

func.func @f(%a: tensor<2x4xf16>, %b: none, %c: none, %d: none, %e: none, %f: none) {
  // expected-error@+1 {{has axis 2 for an input of rank 2}}
  %0 = "tpu.Softmax"(%a, %b, %c, %d, %e, %f) {axis = 2 : si32} : (tensor<2x4xf16>, none, none, none, none, none) -> tensor<2x4xf16>
  return
}

// -----

func.func @f(%a: tensor<2x4xf16>) {
  // expected-error@+1 {{cannot give 2x4 the shape 3x3}}
  %0 = "tpu.Reshape"(%a) : (tensor<2x4xf16>) -> tensor<3x3xf16>
  return
}

// -----

func.func @f(%a: tensor<2x1xf16>) {
  // expected-error@+1 {{cannot give 2x1 the shape 3}}
  %0 = "tpu.Squeeze"(%a) {axes = [1]} : (tensor<2x1xf16>) -> tensor<3xf16>
  return
}

// -----

func.func @f(%a: tensor<2xf16>) {
  // expected-error@+1 {{cannot give 2 the shape 1x3}}
  %0 = "tpu.Unsqueeze"(%a) {axes = [1]} : (tensor<2xf16>) -> tensor<1x3xf16>
  return
}

// -----

func.func @f(%a: tensor<2x3xf16>, %b: none) {
  // expected-error@+1 {{order is not a permutation of the input's 2 axes}}
  %0 = "tpu.Permute"(%a, %b) {order = [1, 1]} : (tensor<2x3xf16>, none) -> tensor<3x3xf16>
  return
}

// -----

func.func @f(%a: tensor<2x3xf16>, %b: tensor<3x3xf16>) {
  // expected-error@+1 {{cannot join 2x3 and 3x3 along axis 1}}
  %0 = "tpu.Concat"(%a, %b) {axis = 1 : si32} : (tensor<2x3xf16>, tensor<3x3xf16>) -> tensor<2x6xf16>
  return
}

// -----

func.func @f(%a: tensor<2x3xf16>, %b: tensor<2x3xf16>) {
  // expected-error@+1 {{has a result of shape 2x7, but its operands and attributes give 2x6}}
  %0 = "tpu.Concat"(%a, %b) {axis = 1 : si32} : (tensor<2x3xf16>, tensor<2x3xf16>) -> tensor<2x7xf16>
  return
}

// -----

func.func @f(%a: tensor<4x8xf16>, %b: none, %c: none, %d: none, %e: none) {
  // expected-error@+1 {{takes elements 6 to 8 of axis 1 of extent 8}}
  %0 = "tpu.Slice"(%a, %b, %c, %d, %e) {axes = [], ends = [4, 8], offset = [0, 6], steps = [1, 1]} : (tensor<4x8xf16>, none, none, none, none) -> tensor<4x3xf16>
  return
}

// -----

func.func @f(%a: tensor<4x8xf16>, %b: none, %c: none, %d: none, %e: none) {
  // expected-error@+1 {{paddings needs 4 values, got 3}}
  %0 = "tpu.Pad"(%a, %b, %c, %d, %e) {paddings = [1, 0, 0]} : (tensor<4x8xf16>, none, none, none, none) -> tensor<5x8xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>, %b: none) {
  // expected-error@+1 {{has a result of shape 1x8x8x4, but its operands and attributes give 1x8x8x8}}
  %0 = "tpu.Upsample"(%a, %b) {scale_h = 2 : i64, scale_w = 2 : i64} : (tensor<1x8x4x4xf16>, none) -> tensor<1x8x8x4xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>, %b: none, %c: none) {
  // expected-error@+1 {{has a result of shape 1x7x8x8 for an input of 1x8x4x4}}
  %0 = "tpu.Interp"(%a, %b, %c) {coord_mode = #tpu<coord_mode half_pixel>, mode = #tpu<mode linear>, scale_h = 2.0 : f64, scale_w = 2.0 : f64} : (tensor<1x8x4x4xf16>, none, none) -> tensor<1x7x8x8xf16>
  return
}

// -----

func.func @f(%a: tensor<2x3xf16>, %b: none, %c: none) {
  // expected-error@+1 {{has a result of shape 2x1, but its operands and attributes give 2}}
  %0 = "tpu.Reduce"(%a, %b, %c) {axes = [1], keepdims = false, mode = "ReduceSum"} : (tensor<2x3xf16>, none, none) -> tensor<2x1xf16>
  return
}

// -----

func.func @f(%a: tensor<2x3xf16>, %b: none) {
  // expected-error@+1 {{cannot repeat 2x3 to 2x7}}
  %0 = "tpu.Tile"(%a, %b) {tile = [1, 2]} : (tensor<2x3xf16>, none) -> tensor<2x7xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>) {
  // expected-error@+1 {{needs blocks of at least 1}}
  %0 = "tpu.Depth2Space"(%a) {block_h = 0 : i64, block_w = 2 : i64, is_CRD = false, is_inversed = false} : (tensor<1x8x4x4xf16>) -> tensor<1x8x4x4xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>) {
  // expected-error@+1 {{has a result of shape 1x8x4x2 for an input of shape 1x8x4x4}}
  %0 = "tpu.Load"(%a) : (tensor<1x8x4x4xf16>) -> tensor<1x8x4x2xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf16>, %b: none) {
  // expected-error@+1 {{has a result of shape 1x8x4x2 for an input of shape 1x8x4x4}}
  %0 = "tpu.Store"(%a, %b) : (tensor<1x8x4x4xf16>, none) -> tensor<1x8x4x2xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8xf16>) {
  // expected-error@+1 {{hsecs must be at least 1, got 0}}
  %0 = "tpu.Group"(%a) ({
    "tpu.Yield"(%a) : (tensor<1x8xf16>) -> ()
  }) {csecs = 1 : i64, dsecs = 1 : i64, group_type = 0 : i64, hsecs = 0 : i64, nsecs = 1 : i64, swpipl_stage_num = 3 : i64, wsecs = 1 : i64} : (tensor<1x8xf16>) -> tensor<1x8xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8xf16>) {
  // expected-error@+1 {{has 1 outputs but yields 2}}
  %0 = "tpu.Group"(%a) ({
    "tpu.Yield"(%a, %a) : (tensor<1x8xf16>, tensor<1x8xf16>) -> ()
  }) {csecs = 1 : i64, dsecs = 1 : i64, group_type = 0 : i64, hsecs = 1 : i64, nsecs = 1 : i64, swpipl_stage_num = 3 : i64, wsecs = 1 : i64} : (tensor<1x8xf16>) -> tensor<1x8xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8xf16>) {
  // expected-error@+1 {{yields 'tensor<1x8xf16>' for an output of type 'tensor<8xf16>'}}
  %0 = "tpu.Group"(%a) ({
    "tpu.Yield"(%a) : (tensor<1x8xf16>) -> ()
  }) {csecs = 1 : i64, dsecs = 1 : i64, group_type = 0 : i64, hsecs = 1 : i64, nsecs = 1 : i64, swpipl_stage_num = 3 : i64, wsecs = 1 : i64} : (tensor<1x8xf16>) -> tensor<8xf16>
  return
}

// -----

func.func @f(%a: tensor<1x8xf16>) {
  // expected-error@+1 {{expects parent op 'tpu.Group'}}
  "tpu.Yield"(%a) : (tensor<1x8xf16>) -> ()
}
