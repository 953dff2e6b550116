// Every constraint of the ops of training has a sentence of its own.
// RUN: tpuc-opt %s --verify-diagnostics --split-input-file

func.func @f(%a: tensor<2x8x4x4xf32>, %b: tensor<8xf32>, %c: tensor<8xf32>, %d: none, %e: none) {
  // expected-error@+1 {{eps must not be negative}}
  %0:5 = "top.BatchNormTrain"(%a, %b, %c, %d, %e) {epsilon = -1.0 : f64} : (tensor<2x8x4x4xf32>, tensor<8xf32>, tensor<8xf32>, none, none) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<f32>, %b: tensor<8xf32>, %c: tensor<8xf32>, %d: none, %e: none) {
  // expected-error@+1 {{needs an input with a channel axis, got shape scalar}}
  %0:5 = "top.BatchNormTrain"(%a, %b, %c, %d, %e) {epsilon = 1.0e-05 : f64} : (tensor<f32>, tensor<8xf32>, tensor<8xf32>, none, none) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x8x4x4xf32>, %b: tensor<8xf32>, %c: tensor<4xf32>, %d: none, %e: none) {
  // expected-error@+1 {{needs parameters of 8 values (one per channel), got shape 4}}
  %0:5 = "top.BatchNormTrain"(%a, %b, %c, %d, %e) {epsilon = 1.0e-05 : f64} : (tensor<2x8x4x4xf32>, tensor<8xf32>, tensor<4xf32>, none, none) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x8x4x4xf32>, %b: tensor<8xf32>, %c: tensor<8xf32>, %d: none, %e: none) {
  // expected-error@+1 {{has a result of shape 8, but its operands and attributes give 1x8x1x1}}
  %0:5 = "top.BatchNormTrain"(%a, %b, %c, %d, %e) {} : (tensor<2x8x4x4xf32>, tensor<8xf32>, tensor<8xf32>, none, none) -> (tensor<*xf32>, tensor<8xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %b: tensor<2x8x4x4xf32>, %c: none, %d: none, %e: none) {
  // expected-error@+1 {{needs a grad_out of shape 2x8x4x4, got 2x8x4}}
  %0:3 = "top.BatchNormBwd"(%a, %b, %c, %d, %e) {} : (tensor<2x8x4xf32>, tensor<2x8x4x4xf32>, none, none, none) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x8x4x4xf32>, %b: tensor<2x8x4x4xf32>, %c: tensor<1xf32>, %d: none, %e: none) {
  // expected-error@+1 {{needs parameters of 8 values (one per channel), got shape 1}}
  %0:3 = "top.BatchNormBwd"(%a, %b, %c, %d, %e) {} : (tensor<2x8x4x4xf32>, tensor<2x8x4x4xf32>, tensor<1xf32>, none, none) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x8x4x4xf32>, %b: none, %c: none) {
  // expected-error@+1 {{cannot split 8 channels into -9223372036854775808 groups}}
  %0:3 = "top.GroupNormTrain"(%a, %b, %c) {eps = 1.0 : f64, num_groups = -9223372036854775808 : i64} : (tensor<2x8x4x4xf32>, none, none) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x3x4xf32>, %b: none, %c: none) {
  // expected-error@+1 {{has axis 3 for an input of rank 3}}
  %0:3 = "top.LayerNormTrain"(%a, %b, %c) {axis = 3 : si32, eps = 1.0 : f64, normalized_shape = [4]} : (tensor<2x3x4xf32>, none, none) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x3x4xf32>, %b: none, %c: none) {
  // expected-error@+1 {{normalized_shape 3x4 is not the input's shape 2x3x4 from axis 2}}
  %0:3 = "top.LayerNormTrain"(%a, %b, %c) {axis = 2 : si32, eps = 1.0 : f64, normalized_shape = [3, 4]} : (tensor<2x3x4xf32>, none, none) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x3x4xf32>, %b: none, %c: none) {
  // expected-error@+1 {{normalized_shape 5 is not the end of the input's shape 2x3x4}}
  %0:3 = "top.LayerNormTrain"(%a, %b, %c) {axis = 2 : si32, eps = 1.0 : f64, normalized_shape = [5]} : (tensor<2x3x4xf32>, none, none) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x3x4xf32>, %b: tensor<2x3x4xf32>, %c: tensor<6xf32>, %d: tensor<6xf32>, %e: none, %f: none) {
  // expected-error@+1 {{normalized_shape 2x3x4x5 is not the end of the input's shape 2x3x4}}
  %0:3 = "top.LayerNormBwd"(%a, %b, %c, %d, %e, %f) {normalized_shape = [2, 3, 4, 5]} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>, tensor<6xf32>, tensor<6xf32>, none, none) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x3x4xf32>, %b: tensor<2x3x4xf32>, %c: tensor<6xf32>, %d: tensor<2xf32>, %e: none, %f: none) {
  // expected-error@+1 {{needs statistics of 6 values, got shape 2}}
  %0:3 = "top.LayerNormBwd"(%a, %b, %c, %d, %e, %f) {normalized_shape = [4]} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>, tensor<6xf32>, tensor<2xf32>, none, none) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x3x4xf32>, %b: tensor<2x3x4xf32>, %c: tensor<6xf32>, %d: tensor<6xf32>, %e: tensor<3xf32>, %f: none) {
  // expected-error@+1 {{needs parameters of 4 values, got shape 3}}
  %0:3 = "top.LayerNormBwd"(%a, %b, %c, %d, %e, %f) {normalized_shape = [4]} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>, tensor<6xf32>, tensor<6xf32>, tensor<3xf32>, none) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x8x4x4xf32>, %b: tensor<8xf32>, %c: tensor<8xf32>, %d: tensor<8xf32>, %e: tensor<4xf32>) {
  // expected-error@+1 {{needs parameters of 8 values (one per channel), got shape 4}}
  %0:6 = "top.MeanRstd"(%a, %b, %c, %d, %e) {eps = 1.0e-05 : f64, momentum = 0.1 : f64} : (tensor<2x8x4x4xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<4xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x10xf32>, %b: tensor<2x10xf32>) {
  // expected-error@+1 {{has dim -3 for an output of rank 2}}
  %0 = "top.SoftmaxBwd"(%a, %b) {dim = -3 : si32} : (tensor<2x10xf32>, tensor<2x10xf32>) -> tensor<2x10xf32>
  return
}

// -----

func.func @f(%a: tensor<f32>, %b: tensor<f32>) {
  // expected-error@+1 {{has dim 0 for an output of rank 0}}
  %0 = "top.SoftmaxBwd"(%a, %b) {dim = 0 : si32} : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<2x5xf32>, %b: tensor<2x10xf32>) {
  // expected-error@+1 {{needs a grad_output of shape 2x10, got 2x5}}
  %0 = "top.SoftmaxBwd"(%a, %b) {dim = 0 : si32} : (tensor<2x5xf32>, tensor<2x10xf32>) -> tensor<2x10xf32>
  return
}

// -----

func.func @f(%a: tensor<1x8x6x6xf32>, %b: tensor<1x4x6x7xf32>, %c: tensor<8x4x3x3xf32>) {
  // expected-error@+1 {{has the input_shape 1x4x6x6, but the operand has the shape 1x4x6x7}}
  %0:3 = "top.Convbwd"(%a, %b, %c) {dilations = [1, 1], grad_out_shape = [1, 8, 6, 6], groups = 1 : i64, input_shape = [1, 4, 6, 6], kernel_shape = [8, 4, 3, 3], padding = [1, 1, 1, 1], stride = [1, 1], grad_input_enable = true, grad_weight_enable = true, grad_bias_enable = true, inserts = []} : (tensor<1x8x6x6xf32>, tensor<1x4x6x7xf32>, tensor<8x4x3x3xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<1x8x6x6xf32>, %b: tensor<1x4x6x6xf32>, %c: tensor<8x4x3xf32>) {
  // expected-error@+1 {{has the kernel_shape 8x4x3x3, but the operand has the shape 8x4x3}}
  %0:3 = "top.Convbwd"(%a, %b, %c) {dilations = [1, 1], grad_out_shape = [1, 8, 6, 6], groups = 1 : i64, input_shape = [1, 4, 6, 6], kernel_shape = [8, 4, 3, 3], padding = [1, 1, 1, 1], stride = [1, 1], grad_input_enable = true, grad_weight_enable = true, grad_bias_enable = true, inserts = []} : (tensor<1x8x6x6xf32>, tensor<1x4x6x6xf32>, tensor<8x4x3xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<1x8x6x6xf32>, %b: tensor<1x4x6x6xf32>, %c: tensor<f32>) {
  // expected-error@+1 {{needs a kernel of rank 3 or more, got scalar}}
  %0:3 = "top.Convbwd"(%a, %b, %c) {dilations = [1, 1], grad_out_shape = [1, 8, 6, 6], groups = 1 : i64, input_shape = [1, 4, 6, 6], kernel_shape = [], padding = [1, 1, 1, 1], stride = [1, 1], grad_input_enable = true, grad_weight_enable = true, grad_bias_enable = true, inserts = []} : (tensor<1x8x6x6xf32>, tensor<1x4x6x6xf32>, tensor<f32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<1x8x6x6xf32>, %b: tensor<1x4x6x6xf32>, %c: tensor<8x4x3x3xf32>) {
  // expected-error@+1 {{cannot split 4 channels into 0 groups}}
  %0:3 = "top.Convbwd"(%a, %b, %c) {dilations = [1, 1], grad_out_shape = [1, 8, 6, 6], groups = 0 : i64, input_shape = [1, 4, 6, 6], kernel_shape = [8, 4, 3, 3], padding = [1, 1, 1, 1], stride = [1, 1], grad_input_enable = true, grad_weight_enable = true, grad_bias_enable = true, inserts = []} : (tensor<1x8x6x6xf32>, tensor<1x4x6x6xf32>, tensor<8x4x3x3xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<1x8x6x6xf32>, %b: tensor<1x4x6x6xf32>, %c: tensor<8x4x3x3xf32>) {
  // expected-error@+1 {{needs a kernel for 2 input channels, got 8x4x3x3}}
  %0:3 = "top.Convbwd"(%a, %b, %c) {dilations = [1, 1], grad_out_shape = [1, 8, 6, 6], groups = 2 : i64, input_shape = [1, 4, 6, 6], kernel_shape = [8, 4, 3, 3], padding = [1, 1, 1, 1], stride = [1, 1], grad_input_enable = true, grad_weight_enable = true, grad_bias_enable = true, inserts = []} : (tensor<1x8x6x6xf32>, tensor<1x4x6x6xf32>, tensor<8x4x3x3xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<1x8x6x6xf32>, %b: tensor<1x4x6x6xf32>, %c: tensor<8x4x3x3xf32>) {
  // expected-error@+1 {{needs a gradient of the result of shape 1x8x4x4, got 1x8x6x6}}
  %0:3 = "top.Convbwd"(%a, %b, %c) {dilations = [1, 1], grad_out_shape = [1, 8, 6, 6], groups = 1 : i64, input_shape = [1, 4, 6, 6], kernel_shape = [8, 4, 3, 3], padding = [], stride = [1, 1], grad_input_enable = true, grad_weight_enable = true, grad_bias_enable = true, inserts = []} : (tensor<1x8x6x6xf32>, tensor<1x4x6x6xf32>, tensor<8x4x3x3xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<1x8x6x6xf32>, %b: tensor<1x4x6x6xf32>, %c: tensor<8x4x3x3xf32>) {
  // expected-error@+1 {{inserts needs 2 values, got 1}}
  %0:3 = "top.Convbwd"(%a, %b, %c) {dilations = [1, 1], grad_out_shape = [1, 8, 6, 6], groups = 1 : i64, input_shape = [1, 4, 6, 6], kernel_shape = [8, 4, 3, 3], padding = [1, 1, 1, 1], stride = [1, 1], grad_input_enable = true, grad_weight_enable = true, grad_bias_enable = true, inserts = [0]} : (tensor<1x8x6x6xf32>, tensor<1x4x6x6xf32>, tensor<8x4x3x3xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<1x8x6x6xf32>, %b: tensor<1x4x6x6xf32>, %c: tensor<8x4x3x3xf32>) {
  // expected-error@+1 {{inserts contains 7 for a stride of 1}}
  %0:3 = "top.Convbwd"(%a, %b, %c) {dilations = [1, 1], grad_out_shape = [1, 8, 6, 6], groups = 1 : i64, input_shape = [1, 4, 6, 6], kernel_shape = [8, 4, 3, 3], padding = [1, 1, 1, 1], stride = [1, 1], grad_input_enable = true, grad_weight_enable = true, grad_bias_enable = true, inserts = [0, 7]} : (tensor<1x8x6x6xf32>, tensor<1x4x6x6xf32>, tensor<8x4x3x3xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<1x8x6x6xf32>, %b: tensor<1x4x6x6xf32>, %c: tensor<8x4x3x3xf32>) {
  // expected-error@+1 {{has a result 1 that its attributes do not enable}}
  %0:3 = "top.Convbwd"(%a, %b, %c) {dilations = [1, 1], grad_out_shape = [1, 8, 6, 6], groups = 1 : i64, input_shape = [1, 4, 6, 6], kernel_shape = [8, 4, 3, 3], padding = [1, 1, 1, 1], stride = [1, 1], grad_input_enable = true, grad_weight_enable = false, grad_bias_enable = true, inserts = []} : (tensor<1x8x6x6xf32>, tensor<1x4x6x6xf32>, tensor<8x4x3x3xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>, %b: tensor<1x8x6x6xf32>, %c: tensor<8x1x6x6xf32>) {
  // expected-error@+1 {{grad_bias_enable is not supported}}
  %0 = "top.ConvBwd_Weight"(%a, %b, %c) {dilations = [1, 1], grad_out_shape = [1, 8, 6, 6], groups = 1 : i64, input_shape = [1, 4, 6, 6], kernel_shape = [8, 4, 3, 3], padding = [1, 1, 1, 1], stride = [1, 1], grad_bias_enable = true} : (tensor<1x4x6x6xf32>, tensor<1x8x6x6xf32>, tensor<8x1x6x6xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>, %b: tensor<1x8x6x6xf32>, %c: tensor<1x8x6x6xf32>) {
  // expected-error@+1 {{needs a gradout_transpose of shape 8x1x6x6, got 1x8x6x6}}
  %0 = "top.ConvBwd_Weight"(%a, %b, %c) {dilations = [1, 1], grad_out_shape = [1, 8, 6, 6], groups = 1 : i64, input_shape = [1, 4, 6, 6], kernel_shape = [8, 4, 3, 3], padding = [1, 1, 1, 1], stride = [1, 1], grad_bias_enable = false} : (tensor<1x4x6x6xf32>, tensor<1x8x6x6xf32>, tensor<1x8x6x6xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>, %b: tensor<1x8x6x6xf32>, %c: tensor<8x1x6x6xf32>) {
  // expected-error@+1 {{strides contains -9223372036854775808; each value must be at least 1}}
  %0 = "top.ConvBwd_Weight"(%a, %b, %c) {dilations = [1, 1], grad_out_shape = [1, 8, 6, 6], groups = 1 : i64, input_shape = [1, 4, 6, 6], kernel_shape = [8, 4, 3, 3], padding = [1, 1, 1, 1], stride = [1, -9223372036854775808], grad_bias_enable = false} : (tensor<1x4x6x6xf32>, tensor<1x8x6x6xf32>, tensor<8x1x6x6xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x2x3x3xf32>, %b: tensor<1x2x3x3xf32>) {
  // expected-error@+1 {{has the input_shape 1x2x0x6; its extents must be at least 1}}
  %0 = "top.MaxPoolingIndicesBwd"(%a, %b) {kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1], input_shape = [1, 2, 0, 6]} : (tensor<1x2x3x3xf32>, tensor<1x2x3x3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x2x3x3xf32>, %b: tensor<1x2x3x3xf32>) {
  // expected-error@+1 {{a plane must not have more than 2^24 values}}
  %0 = "top.MaxPoolingIndicesBwd"(%a, %b) {kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1], input_shape = [1, 2, 2147483647, 2147483647]} : (tensor<1x2x3x3xf32>, tensor<1x2x3x3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x2x3x3xf32>, %b: tensor<1x2x3x3xf32>) {
  // expected-error@+1 {{has an input of rank 0 for 2 spatial axes}}
  %0 = "top.MaxPoolingIndicesBwd"(%a, %b) {kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1], input_shape = []} : (tensor<1x2x3x3xf32>, tensor<1x2x3x3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x3x3x3xf32>, %b: tensor<1x3x3x3xf32>) {
  // expected-error@+1 {{needs a grad_output with batch and channels of 1x2x6x6, got shape 1x3x3x3}}
  %0 = "top.MaxPoolingIndicesBwd"(%a, %b) {kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1], input_shape = [1, 2, 6, 6]} : (tensor<1x3x3x3xf32>, tensor<1x3x3x3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x2x3x3xf32>, %b: tensor<1x2x3xf32>) {
  // expected-error@+1 {{needs indices of shape 1x2x3x3, got 1x2x3}}
  %0 = "top.MaxPoolingIndicesBwd"(%a, %b) {kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1], input_shape = [1, 2, 6, 6]} : (tensor<1x2x3x3xf32>, tensor<1x2x3xf32>) -> tensor<*xf32>
  return
}
