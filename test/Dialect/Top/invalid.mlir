// Every constraint of the Top ops has a sentence of its own.
// RUN: tpuc-opt %s --verify-diagnostics --split-input-file

func.func @f() {
  // expected-error@+1 {{must have a static shape}}
  %0 = "top.Weight"() : () -> tensor<?x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{resize_dims needs two values, height and width}}
  %0 = "top.Input"(%a) {resize_dims = [4]} : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{has 2 means but 1 scales}}
  %0 = "top.Input"(%a) {mean = [0.0, 0.0], scale = [1.0]} : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{attribute 'pixel_format' failed to satisfy constraint: string attribute one of rgb, bgr, gray}}
  %0 = "top.Input"(%a) {pixel_format = "pink"} : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf32>) {
  // expected-error@+1 {{relu_limit must be positive, or negative for no limit}}
  %0 = "top.Relu"(%a) {relu_limit = 0.0 : f64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf32>) {
  // expected-error@+1 {{has a result of shape 1x8x4x5, but its operands and attributes give 1x8x4x4}}
  %0 = "top.Relu"(%a) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x5xf32>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf32>) {
  // expected-error@+1 {{has a result of shape 8x4x4}}
  %0 = "top.Sigmoid"(%a) : (tensor<1x8x4x4xf32>) -> tensor<8x4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf32>) {
  // expected-error@+1 {{min (1.000000e+00) must not be greater than max (0.000000e+00)}}
  %0 = "top.Clip"(%a) {max = 0.0 : f64, min = 1.0 : f64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf32>) {
  // expected-error@+1 {{requires attribute 'min'}}
  %0 = "top.Clip"(%a) {max = 0.0 : f64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf32>, %b: tensor<7x1x1xf32>) {
  // expected-error@+1 {{slope of shape 7x1x1 does not broadcast to the input's 1x8x4x4}}
  %0 = "top.PRelu"(%a, %b) : (tensor<1x8x4x4xf32>, tensor<7x1x1xf32>) -> tensor<1x8x4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf32>) {
  // expected-error@+1 {{needs at least 2 operands, got 1}}
  %0 = "top.Add"(%a) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf32>, %b: tensor<3x4xf32>) {
  // expected-error@+1 {{has operands whose shapes do not broadcast: 1x8x4x4, 3x4}}
  %0 = "top.Add"(%a, %b) : (tensor<1x8x4x4xf32>, tensor<3x4xf32>) -> tensor<1x8x4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf32>, %b: tensor<1x8x4x4xf32>) {
  // expected-error@+1 {{has 1 coefficients for 2 operands}}
  %0 = "top.Add"(%a, %b) {coeff = [1.0]} : (tensor<1x8x4x4xf32>, tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf32>, %b: tensor<1x8x4x4xf32>, %c: tensor<1x8x4x4xf32>) {
  // expected-error@+1 {{needs 2 operands, got 3}}
  %0 = "top.Sub"(%a, %b, %c) : (tensor<1x8x4x4xf32>, tensor<1x8x4x4xf32>, tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf32>) {
  // expected-error@+1 {{needs at least 2 operands, got 1}}
  %0 = "top.Mul"(%a) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf32>) {
  // expected-error@+1 {{needs 2 operands, got 1}}
  %0 = "top.Div"(%a) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf32>) {
  // expected-error@+1 {{needs at least 2 operands, got 1}}
  %0 = "top.Max"(%a) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf32>) {
  // expected-error@+1 {{has a result of shape 1x8x16}}
  %0 = "top.MulConst"(%a) {const_val = 1.0 : f64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x16xf32>
  return
}

// -----

func.func @f(%a: tensor<1x3x8x8xf32>, %b: tensor<8x3x3x3xf32>, %c: none) {
  // expected-error@+1 {{kernel_shape has 0 values; 1, 2 or 3 spatial axes are supported}}
  %0 = "top.Conv"(%a, %b, %c) {kernel_shape = [], pads = [], strides = []} : (tensor<1x3x8x8xf32>, tensor<8x3x3x3xf32>, none) -> tensor<1x8x8x8xf32>
  return
}

// -----

func.func @f(%a: tensor<3x8x8xf32>, %b: tensor<8x3x3x3xf32>, %c: none) {
  // expected-error@+1 {{has an input of rank 3 for 2 spatial axes; it must have rank 4}}
  %0 = "top.Conv"(%a, %b, %c) {kernel_shape = [3, 3], pads = [], strides = []} : (tensor<3x8x8xf32>, tensor<8x3x3x3xf32>, none) -> tensor<8x6x6xf32>
  return
}

// -----

func.func @f(%a: tensor<1x3x8x8xf32>, %b: tensor<8x3x3x3xf32>, %c: none) {
  // expected-error@+1 {{pads needs 4 values, got 1}}
  %0 = "top.Conv"(%a, %b, %c) {kernel_shape = [3, 3], pads = [1], strides = []} : (tensor<1x3x8x8xf32>, tensor<8x3x3x3xf32>, none) -> tensor<1x8x6x6xf32>
  return
}

// -----

func.func @f(%a: tensor<1x3x8x8xf32>, %b: tensor<8x3x3x3xf32>, %c: none) {
  // expected-error@+1 {{strides contains 0; each value must be at least 1}}
  %0 = "top.Conv"(%a, %b, %c) {kernel_shape = [3, 3], pads = [], strides = [0, 1]} : (tensor<1x3x8x8xf32>, tensor<8x3x3x3xf32>, none) -> tensor<1x8x6x6xf32>
  return
}

// -----

func.func @f(%a: tensor<1x3x8x8xf32>, %b: tensor<8x3x3x3xf32>, %c: none) {
  // expected-error@+1 {{cannot split 3 channels into 2 groups}}
  %0 = "top.Conv"(%a, %b, %c) {group = 2 : i64, kernel_shape = [3, 3], pads = [], strides = []} : (tensor<1x3x8x8xf32>, tensor<8x3x3x3xf32>, none) -> tensor<1x8x6x6xf32>
  return
}

// -----

func.func @f(%a: tensor<1x3x8x8xf32>, %b: tensor<8x2x3x3xf32>, %c: none) {
  // expected-error@+1 {{needs a filter of shape 8x3x3x3, got 8x2x3x3}}
  %0 = "top.Conv"(%a, %b, %c) {kernel_shape = [3, 3], pads = [], strides = []} : (tensor<1x3x8x8xf32>, tensor<8x2x3x3xf32>, none) -> tensor<1x8x6x6xf32>
  return
}

// -----

func.func @f(%a: tensor<1x3x8x8xf32>, %b: tensor<8x3x3x3xf32>, %c: tensor<7xf32>) {
  // expected-error@+1 {{needs a bias of 8 values, got shape 7}}
  %0 = "top.Conv"(%a, %b, %c) {kernel_shape = [3, 3], pads = [], strides = []} : (tensor<1x3x8x8xf32>, tensor<8x3x3x3xf32>, tensor<7xf32>) -> tensor<1x8x6x6xf32>
  return
}

// -----

func.func @f(%a: tensor<1x3x2x2xf32>, %b: tensor<8x3x3x3xf32>, %c: none) {
  // expected-error@+1 {{has a window of 3 on an axis of 2 with pads 0 and 0}}
  %0 = "top.Conv"(%a, %b, %c) {kernel_shape = [3, 3], pads = [], strides = []} : (tensor<1x3x2x2xf32>, tensor<8x3x3x3xf32>, none) -> tensor<1x8x1x1xf32>
  return
}

// -----

func.func @f(%a: tensor<1x3x8x8xf32>, %b: tensor<8x3x3x3xf32>, %c: none) {
  // expected-error@+1 {{has a result of shape 1x8x8x8, but its operands and attributes give 1x8x6x6}}
  %0 = "top.Conv"(%a, %b, %c) {kernel_shape = [3, 3], pads = [], strides = []} : (tensor<1x3x8x8xf32>, tensor<8x3x3x3xf32>, none) -> tensor<1x8x8x8xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x8x8xf32>, %b: tensor<4x4x2x2xf32>, %c: none) {
  // expected-error@+1 {{output_padding 2 must be smaller than the stride or the dilation}}
  %0 = "top.Deconv"(%a, %b, %c) {kernel_shape = [2, 2], output_padding = [2, 0], pads = [], strides = [2, 2]} : (tensor<1x4x8x8xf32>, tensor<4x4x2x2xf32>, none) -> tensor<1x4x16x16xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x8x8xf32>, %b: tensor<2x4x2x2xf32>, %c: tensor<3xf32>) {
  // expected-error@+1 {{needs a bias of 4 values, got shape 3}}
  %0 = "top.Deconv"(%a, %b, %c) {group = 2 : i64, kernel_shape = [2, 2], pads = [], strides = [2, 2]} : (tensor<1x4x8x8xf32>, tensor<2x4x2x2xf32>, tensor<3xf32>) -> tensor<1x4x16x16xf32>
  return
}

// -----

func.func @f(%a: tensor<1x1x1x1xf32>, %b: tensor<1x1x2x2xf32>, %c: none) {
  // expected-error@+1 {{has pads that leave nothing of axis 2}}
  %0 = "top.Deconv"(%a, %b, %c) {kernel_shape = [2, 2], pads = [1, 1, 1, 1], strides = [2, 2]} : (tensor<1x1x1x1xf32>, tensor<1x1x2x2xf32>, none) -> tensor<1x1x1x1xf32>
  return
}

// -----

func.func @f(%a: tensor<1x3x8x8xf32>) {
  // expected-error@+1 {{is_adaptive is not supported; give kernel_shape and strides}}
  %0 = "top.MaxPool"(%a) {is_adaptive = true, kernel_shape = [3, 3], pads = [], strides = []} : (tensor<1x3x8x8xf32>) -> tensor<1x3x6x6xf32>
  return
}

// -----

func.func @f(%a: tensor<1x3x8x8xf32>) {
  // expected-error@+1 {{has a pad of 3 for a kernel of 3; a pad must be smaller}}
  %0 = "top.MaxPool"(%a) {kernel_shape = [3, 3], pads = [3, 0, 0, 0], strides = []} : (tensor<1x3x8x8xf32>) -> tensor<1x3x6x6xf32>
  return
}

// -----

func.func @f(%a: tensor<1x3x8x8xf32>) {
  // expected-error@+1 {{keepdims = false needs a window that covers the input, the result would be 6x6}}
  %0 = "top.AvgPool"(%a) {keepdims = false, kernel_shape = [3, 3], pads = [], strides = []} : (tensor<1x3x8x8xf32>) -> tensor<1x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf32>, %b: tensor<8xf32>, %c: tensor<7xf32>, %d: none, %e: none) {
  // expected-error@+1 {{needs parameters of 8 values (one per channel), got shape 7}}
  %0 = "top.BatchNorm"(%a, %b, %c, %d, %e) : (tensor<1x8x4x4xf32>, tensor<8xf32>, tensor<7xf32>, none, none) -> tensor<1x8x4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf32>, %b: tensor<8xf32>, %c: tensor<8xf32>, %d: none, %e: none) {
  // expected-error@+1 {{epsilon must not be negative}}
  %0 = "top.BatchNorm"(%a, %b, %c, %d, %e) {epsilon = -1.0 : f64} : (tensor<1x8x4x4xf32>, tensor<8xf32>, tensor<8xf32>, none, none) -> tensor<1x8x4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<8xf32>, %b: tensor<8xf32>, %c: tensor<8xf32>) {
  // expected-error@+1 {{needs an input with a channel axis, got shape 8}}
  %0 = "top.Scale"(%a, %b, %c) : (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>, %b: tensor<4x5xf32>, %c: none) {
  // expected-error@+1 {{cannot multiply 2x3 and 4x5: inner dimensions 3 and 4}}
  %0 = "top.MatMul"(%a, %b, %c) : (tensor<2x3xf32>, tensor<4x5xf32>, none) -> tensor<2x5xf32>
  return
}

// -----

func.func @f(%a: tensor<2x2x3xf32>, %b: tensor<3x3x5xf32>, %c: none) {
  // expected-error@+1 {{has batch dimensions that do not broadcast: 2x2x3 and 3x3x5}}
  %0 = "top.MatMul"(%a, %b, %c) : (tensor<2x2x3xf32>, tensor<3x3x5xf32>, none) -> tensor<2x2x5xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>, %b: tensor<3x5xf32>, %c: tensor<4xf32>) {
  // expected-error@+1 {{needs a bias of 5 values, got shape 4}}
  %0 = "top.MatMul"(%a, %b, %c) : (tensor<2x3xf32>, tensor<3x5xf32>, tensor<4xf32>) -> tensor<2x5xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>, %b: tensor<3x5xf32>, %c: none) {
  // expected-error@+1 {{hdim_is_batch needs operands of rank 4}}
  %0 = "top.MatMul"(%a, %b, %c) {hdim_is_batch = true} : (tensor<2x3xf32>, tensor<3x5xf32>, none) -> tensor<2x5xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>, %b: none, %c: none) {
  // expected-error@+1 {{has axis 2 for an input of rank 2}}
  %0 = "top.LayerNorm"(%a, %b, %c) {axis = 2 : si32, eps = 1.0e-5 : f64, normalized_shape = [4]} : (tensor<2x4xf32>, none, none) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>, %b: none, %c: none) {
  // expected-error@+1 {{normalized_shape 3 is not the end of the input's shape 2x4 from axis 1}}
  %0 = "top.LayerNorm"(%a, %b, %c) {axis = 1 : si32, eps = 1.0e-5 : f64, normalized_shape = [3]} : (tensor<2x4xf32>, none, none) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>, %b: tensor<3xf32>, %c: none) {
  // expected-error@+1 {{needs parameters of 4 values, got shape 3}}
  %0 = "top.LayerNorm"(%a, %b, %c) {axis = 1 : si32, eps = 1.0e-5 : f64, normalized_shape = [4]} : (tensor<2x4xf32>, tensor<3xf32>, none) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{has axis -3 for an input of rank 2}}
  %0 = "top.Softmax"(%a) {axis = -3 : si32} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{cannot give 2x4 the shape 3x-1}}
  %0 = "top.Reshape"(%a) {shape = [3, -1]} : (tensor<2x4xf32>) -> tensor<3x3xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{has an invalid shape -1x-1}}
  %0 = "top.Reshape"(%a) {shape = [-1, -1]} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{copies axis 2 of an input of rank 2}}
  %0 = "top.Reshape"(%a) {shape = [2, 4, 0]} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{flattens axes 3 to -1 of an input of rank 2}}
  %0 = "top.Flatten"(%a) {start_dim = 3 : i64} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x1xf32>) {
  // expected-error@+1 {{removes axis 0 of 2 elements from 2x1}}
  %0 = "top.Squeeze"(%a) {axes = [0]} : (tensor<2x1xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x1xf32>) {
  // expected-error@+1 {{has axis 2 for an input of rank 2}}
  %0 = "top.Squeeze"(%a) {axes = [2]} : (tensor<2x1xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error@+1 {{has an axis 0 that is given twice; rank 3}}
  %0 = "top.Unsqueeze"(%a) {axes = [0, 0]} : (tensor<2xf32>) -> tensor<1x1x2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{order is not a permutation of the input's 2 axes}}
  %0 = "top.Permute"(%a) {order = [0, 0]} : (tensor<2x3xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{swaps axes 0 and 2 of an input of rank 2}}
  %0 = "top.Transpose"(%a) {dim0 = 0 : si32, dim1 = 2 : si32} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{needs at least one input}}
  %0 = "top.Concat"() : () -> tensor<3x2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>, %b: tensor<3x3xf32>) {
  // expected-error@+1 {{cannot join 2x3 and 3x3 along axis 1}}
  %0 = "top.Concat"(%a, %b) {axis = 1 : si32} : (tensor<2x3xf32>, tensor<3x3xf32>) -> tensor<2x6xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{has axis 2 for inputs of rank 2}}
  %0 = "top.Concat"(%a) {axis = 2 : si32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8xf32>, %b: none, %c: none, %d: none) {
  // expected-error@+1 {{has step 0 on axis 1}}
  %0 = "top.Slice"(%a, %b, %c, %d) {axes = [], ends = [4, 8], offset = [0, 0], steps = [1, 0]} : (tensor<4x8xf32>, none, none, none) -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8xf32>, %b: none, %c: none, %d: none) {
  // expected-error@+1 {{has an axis 1 that is given twice or outside of the input's rank 2}}
  %0 = "top.Slice"(%a, %b, %c, %d) {axes = [1, 1], ends = [4, 8], offset = [0, 0], steps = [1, 1]} : (tensor<4x8xf32>, none, none, none) -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8xf32>, %b: none, %c: none, %d: none) {
  // expected-error@+1 {{has 1 offsets, 2 ends and 1 steps for 1 axes}}
  %0 = "top.Slice"(%a, %b, %c, %d) {axes = [1], ends = [4, 8], offset = [0], steps = [1]} : (tensor<4x8xf32>, none, none, none) -> tensor<4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8xf32>, %b: none, %c: none, %d: none) {
  // expected-error@+1 {{takes nothing from an input of shape 4x8}}
  %0 = "top.Slice"(%a, %b, %c, %d) {axes = [1], ends = [2], offset = [5], steps = [1]} : (tensor<4x8xf32>, none, none, none) -> tensor<4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8xf32>) {
  // expected-error@+1 {{needs 4 paddings (all begins, then all ends), got 2}}
  %0 = "top.Pad"(%a) {mode = "constant", paddings = [1, 1]} : (tensor<4x8xf32>) -> tensor<6x8xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8xf32>) {
  // expected-error@+1 {{has a negative padding on axis 1; use Slice}}
  %0 = "top.Pad"(%a) {mode = "constant", paddings = [0, -1, 0, 0]} : (tensor<4x8xf32>) -> tensor<4x7xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8xf32>) {
  // expected-error@+1 {{cannot reflect 4 elements of axis 0 of extent 4}}
  %0 = "top.Pad"(%a) {mode = "reflect", paddings = [4, 0, 0, 0]} : (tensor<4x8xf32>) -> tensor<8x8xf32>
  return
}

// -----

func.func @f(%a: tensor<8x4x4xf32>) {
  // expected-error@+1 {{needs an input of rank 4, got 3}}
  %0 = "top.Upsample"(%a) {scale_h = 2 : i64, scale_w = 2 : i64} : (tensor<8x4x4xf32>) -> tensor<8x8x8xf32>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf32>) {
  // expected-error@+1 {{scale_h and scale_w must be at least 1}}
  %0 = "top.Upsample"(%a) {scale_h = 0 : i64, scale_w = 2 : i64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x8x8xf32>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf32>, %b: none) {
  // expected-error@+1 {{leave nothing of 1x8x4x4}}
  %0 = "top.Interp"(%a, %b) {coord_mode = "asymmetric", mode = "nearest", scale_h = 0.1 : f64, scale_w = 1.0 : f64} : (tensor<1x8x4x4xf32>, none) -> tensor<1x8x1x4xf32>
  return
}

// -----

func.func @f(%a: tensor<8x4xf32>, %b: none) {
  // expected-error@+1 {{needs an input of rank 3 or 4, got 2}}
  %0 = "top.Interp"(%a, %b) {coord_mode = "asymmetric", mode = "nearest", scale_h = 1.0 : f64, scale_w = 1.0 : f64} : (tensor<8x4xf32>, none) -> tensor<8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<1x8x4x4xf32>, %b: none) {
  // expected-error@+1 {{attribute 'coord_mode' failed to satisfy constraint: string attribute one of align_corners}}
  %0 = "top.Interp"(%a, %b) {coord_mode = "sideways", mode = "nearest"} : (tensor<1x8x4x4xf32>, none) -> tensor<1x8x4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{has axis 2 for an input of rank 2}}
  %0 = "top.Reduce"(%a) {axes = [2], keepdims = true, mode = "ReduceSum"} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{attribute 'mode' failed to satisfy constraint: string attribute one of ReduceMin}}
  %0 = "top.Reduce"(%a) {axes = [1], keepdims = true, mode = "ReduceMedian"} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{repeats axis 1 0 times; at least 1 is needed}}
  %0 = "top.Tile"(%a) {tile = [1, 0]} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{has neither a tile attribute nor a constant tile operand}}
  %0 = "top.Tile"(%a) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x6x4x4xf32>) {
  // expected-error@+1 {{cannot divide 1x6x4x4 into blocks of 2 x 2}}
  %0 = "top.Depth2Space"(%a) {block_h = 2 : i64, block_w = 2 : i64, is_CRD = false, is_inversed = false} : (tensor<1x6x4x4xf32>) -> tensor<1x1x8x8xf32>
  return
}
