// Every constraint of pooling, unpooling and sampling beyond the core has a sentence of its own.
// RUN: tpuc-opt %s --verify-diagnostics --split-input-file

func.func @f(%a: tensor<1x4x6x6xf32>) {
  // expected-error@+1 {{output_size has 0 values; 1, 2 or 3 spatial axes are supported}}
  %0 = "top.AdaptiveAvgPool"(%a) {output_size = []} : (tensor<1x4x6x6xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>) {
  // expected-error@+1 {{has an input of rank 4 for 1 spatial axes; it must have rank 3}}
  %0 = "top.AdaptiveAvgPool"(%a) {output_size = [3]} : (tensor<1x4x6x6xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error@+1 {{has an input of rank 0 for 2 spatial axes}}
  %0 = "top.AdaptiveAvgPool"(%a) {output_size = [3, 3]} : (tensor<f32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>) {
  // expected-error@+1 {{output_size contains -9223372036854775808; each value must be at least 1}}
  %0 = "top.AdaptiveAvgPool"(%a) {output_size = [3, -9223372036854775808]} : (tensor<1x4x6x6xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>) {
  // expected-error@+1 {{has a result of shape 1x4x3x3, but its operands and attributes give 1x4x3x9223372036854775807}}
  %0 = "top.AdaptiveAvgPool"(%a) {output_size = [3, 9223372036854775807]} : (tensor<1x4x6x6xf32>) -> tensor<1x4x3x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x0x6xf32>) {
  // expected-error@+1 {{cannot take means of an input of shape 1x4x0x6}}
  %0 = "top.AdaptiveAvgPool"(%a) {output_size = [1, 1]} : (tensor<1x4x0x6xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>) {
  // expected-error@+1 {{is_adaptive is not supported}}
  %0:2 = "top.MaxPoolWithMask"(%a) {kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], is_adaptive = true} : (tensor<1x4x6x6xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>) {
  // expected-error@+1 {{has pad_value 3; only 0 is supported}}
  %0:2 = "top.MaxPoolWithMask"(%a) {kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], pad_value = 3 : i64} : (tensor<1x4x6x6xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>) {
  // expected-error@+1 {{pads contains -9223372036854775808; each value must be at least 0}}
  %0:2 = "top.MaxPoolWithMask"(%a) {kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 0, -9223372036854775808]} : (tensor<1x4x6x6xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>) {
  // expected-error@+1 {{strides contains 0; each value must be at least 1}}
  %0:2 = "top.MaxPoolWithMask"(%a) {kernel_shape = [2, 2], strides = [0, 2], pads = [0, 0, 0, 0]} : (tensor<1x4x6x6xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<1x1x8192x8192xf32>) {
  // expected-error@+1 {{has planes of more than 2^24 values}}
  %0:2 = "top.MaxPoolWithMask"(%a) {kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0]} : (tensor<1x1x8192x8192xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>) {
  // expected-error@+1 {{has a pad of 2 for a kernel of 2; a pad must be smaller}}
  %0:2 = "top.MaxPoolWithMask"(%a) {kernel_shape = [2, 2], strides = [2, 2], pads = [2, 0, 0, 0]} : (tensor<1x4x6x6xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>) {
  // expected-error@+1 {{has a window of 7 on an axis of 6}}
  %0:2 = "top.MaxPoolWithMask"(%a) {kernel_shape = [7, 2], strides = [2, 2], pads = [0, 0, 0, 0]} : (tensor<1x4x6x6xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>) {
  // expected-error@+1 {{keepdims = false needs a window that covers the input}}
  %0:2 = "top.MaxPoolWithMask"(%a) {kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], keepdims = false} : (tensor<1x4x6x6xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>) {
  // expected-error@+1 {{has a result of shape 1x4x3x2, but its operands and attributes give 1x4x3x3}}
  %0:2 = "top.MaxPoolWithMask"(%a) {kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0]} : (tensor<1x4x6x6xf32>) -> (tensor<*xf32>, tensor<1x4x3x2xf32>)
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error@+1 {{kernel_shape has 0 values}}
  %0:2 = "top.MaxPoolWithMask"(%a) {kernel_shape = [], strides = [], pads = []} : (tensor<f32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<1x4x6xf32>, %b: tensor<1x4x6xf32>) {
  // expected-error@+1 {{needs an input of rank 4, got shape 1x4x6}}
  %0 = "top.MaxUnpool"(%a, %b) {scale_h = 2 : i64, scale_w = 2 : i64} : (tensor<1x4x6xf32>, tensor<1x4x6xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>, %b: tensor<1x4x6xf32>) {
  // expected-error@+1 {{needs a mask of the input's shape 1x4x6x6, got 1x4x6}}
  %0 = "top.MaxUnpool"(%a, %b) {scale_h = 2 : i64, scale_w = 2 : i64} : (tensor<1x4x6x6xf32>, tensor<1x4x6xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>, %b: tensor<1x4x6x6xf32>) {
  // expected-error@+1 {{has a scale of 0; it must be between 1 and 2^24}}
  %0 = "top.MaxUnpool"(%a, %b) {scale_h = 0 : i64, scale_w = 2 : i64} : (tensor<1x4x6x6xf32>, tensor<1x4x6x6xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>, %b: tensor<1x4x6x6xf32>) {
  // expected-error@+1 {{has a scale of -9223372036854775808}}
  %0 = "top.MaxUnpool"(%a, %b) {scale_h = 1 : i64, scale_w = -9223372036854775808 : i64} : (tensor<1x4x6x6xf32>, tensor<1x4x6x6xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>, %b: tensor<1x4x6x6xf32>) {
  // expected-error@+1 {{has planes of more than 2^24 values}}
  %0 = "top.MaxUnpool"(%a, %b) {scale_h = 4096 : i64, scale_w = 4096 : i64} : (tensor<1x4x6x6xf32>, tensor<1x4x6x6xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6xf32>, %b: tensor<8x4x3xf32>, %c: tensor<1x6x6xf32>, %d: none, %e: none) {
  // expected-error@+1 {{kernel_shape has 1 values; it must have 2}}
  %0 = "top.DeformConv2D"(%a, %b, %c, %d, %e) {kernel_shape = [3], strides = [1], pads = [1, 1]} : (tensor<1x4x6xf32>, tensor<8x4x3xf32>, tensor<1x6x6xf32>, none, none) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>, %b: tensor<8x4x3x3xf32>, %c: tensor<1x18x6x6xf32>, %d: none, %e: none) {
  // expected-error@+1 {{cannot split 4 channels into 3 groups}}
  %0 = "top.DeformConv2D"(%a, %b, %c, %d, %e) {kernel_shape = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1], group = 3 : i64} : (tensor<1x4x6x6xf32>, tensor<8x4x3x3xf32>, tensor<1x18x6x6xf32>, none, none) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>, %b: tensor<8x4x3x3xf32>, %c: tensor<1x18x6x6xf32>, %d: none, %e: none) {
  // expected-error@+1 {{cannot split 4 channels into -9223372036854775808 groups}}
  %0 = "top.DeformConv2D"(%a, %b, %c, %d, %e) {kernel_shape = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1], deform_group = -9223372036854775808 : i64} : (tensor<1x4x6x6xf32>, tensor<8x4x3x3xf32>, tensor<1x18x6x6xf32>, none, none) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>, %b: tensor<8x4x3x3xf32>, %c: tensor<1x18x6x6xf32>, %d: none, %e: none) {
  // expected-error@+1 {{needs a filter of shape 8x2x3x3, got 8x4x3x3}}
  %0 = "top.DeformConv2D"(%a, %b, %c, %d, %e) {kernel_shape = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1], group = 2 : i64} : (tensor<1x4x6x6xf32>, tensor<8x4x3x3xf32>, tensor<1x18x6x6xf32>, none, none) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>, %b: tensor<f32>, %c: tensor<1x18x6x6xf32>, %d: none, %e: none) {
  // expected-error@+1 {{needs a filter of shape 0x4x3x3, got scalar}}
  %0 = "top.DeformConv2D"(%a, %b, %c, %d, %e) {kernel_shape = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1]} : (tensor<1x4x6x6xf32>, tensor<f32>, tensor<1x18x6x6xf32>, none, none) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>, %b: tensor<8x4x3x3xf32>, %c: tensor<1x18x6x6xf32>, %d: none, %e: tensor<4xf32>) {
  // expected-error@+1 {{needs a bias of 8 values, got shape 4}}
  %0 = "top.DeformConv2D"(%a, %b, %c, %d, %e) {kernel_shape = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1]} : (tensor<1x4x6x6xf32>, tensor<8x4x3x3xf32>, tensor<1x18x6x6xf32>, none, tensor<4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>, %b: tensor<8x4x3x3xf32>, %c: tensor<1x18x6x6xf32>, %d: none, %e: none) {
  // expected-error@+1 {{needs an offset of shape 1x36x6x6, got 1x18x6x6}}
  %0 = "top.DeformConv2D"(%a, %b, %c, %d, %e) {kernel_shape = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1], deform_group = 2 : i64} : (tensor<1x4x6x6xf32>, tensor<8x4x3x3xf32>, tensor<1x18x6x6xf32>, none, none) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>, %b: tensor<8x4x3x3xf32>, %c: tensor<1x18x6x6xf32>, %d: none, %e: none) {
  // expected-error@+1 {{needs a mask exactly if use_mask is set}}
  %0 = "top.DeformConv2D"(%a, %b, %c, %d, %e) {kernel_shape = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1], use_mask = true} : (tensor<1x4x6x6xf32>, tensor<8x4x3x3xf32>, tensor<1x18x6x6xf32>, none, none) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>, %b: tensor<8x4x3x3xf32>, %c: tensor<1x18x6x6xf32>, %d: tensor<1x9x6x6xf32>, %e: none) {
  // expected-error@+1 {{needs a mask exactly if use_mask is set}}
  %0 = "top.DeformConv2D"(%a, %b, %c, %d, %e) {kernel_shape = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1]} : (tensor<1x4x6x6xf32>, tensor<8x4x3x3xf32>, tensor<1x18x6x6xf32>, tensor<1x9x6x6xf32>, none) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>, %b: tensor<8x4x3x3xf32>, %c: tensor<1x18x6x6xf32>, %d: tensor<1x9x6xf32>, %e: none) {
  // expected-error@+1 {{needs a mask of shape 1x9x6x6, got 1x9x6}}
  %0 = "top.DeformConv2D"(%a, %b, %c, %d, %e) {kernel_shape = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1], use_mask = true} : (tensor<1x4x6x6xf32>, tensor<8x4x3x3xf32>, tensor<1x18x6x6xf32>, tensor<1x9x6xf32>, none) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>) {
  // expected-error@+1 {{needs two operands, got 1}}
  %0 = "top.Correlation"(%a) {max_disp = 3 : i64} : (tensor<1x4x6x6xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>, %b: tensor<1x4x6xf32>) {
  // expected-error@+1 {{needs two operands of the same shape of rank 4, got 1x4x6x6 and 1x4x6}}
  %0 = "top.Correlation"(%a, %b) {max_disp = 3 : i64} : (tensor<1x4x6x6xf32>, tensor<1x4x6xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>, %b: tensor<1x4x6x6xf32>) {
  // expected-error@+1 {{has a max_disp of 0; it must be between 1 and 2^31 - 1}}
  %0 = "top.Correlation"(%a, %b) {} : (tensor<1x4x6x6xf32>, tensor<1x4x6x6xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>, %b: tensor<1x4x6x6xf32>) {
  // expected-error@+1 {{cannot split 4 channels into 3 groups}}
  %0 = "top.Correlation"(%a, %b) {max_disp = 3 : i64, num_groups = 3 : i64} : (tensor<1x4x6x6xf32>, tensor<1x4x6x6xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4x6x6xf32>, %b: tensor<2x4x6x6xf32>) {
  // expected-error@+1 {{needs a batch of 1, got 2}}
  %0 = "top.Correlation"(%a, %b) {max_disp = 3 : i64} : (tensor<2x4x6x6xf32>, tensor<2x4x6x6xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>, %b: tensor<1x4x6x6xf32>) {
  // expected-error@+1 {{has a max_disp of -9223372036854775808}}
  %0 = "top.ConcatVolume"(%a, %b) {max_disp = -9223372036854775808 : i64} : (tensor<1x4x6x6xf32>, tensor<1x4x6x6xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>, %b: tensor<1x4x6x6xf32>) {
  // expected-error@+1 {{has a max_disp of 9223372036854775807}}
  %0 = "top.ConcatVolume"(%a, %b) {max_disp = 9223372036854775807 : i64} : (tensor<1x4x6x6xf32>, tensor<1x4x6x6xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>, %b: tensor<1x4x6x6xf32>, %c: tensor<1x4x6x6xf32>) {
  // expected-error@+1 {{needs two operands, got 3}}
  %0 = "top.ConcatVolume"(%a, %b, %c) {max_disp = 3 : i64} : (tensor<1x4x6x6xf32>, tensor<1x4x6x6xf32>, tensor<1x4x6x6xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<f32>, %b: tensor<1x5x6x2xf32>) {
  // expected-error@+1 {{needs an input of rank 4 or 5, got shape scalar}}
  %0 = "top.GridSampler"(%a, %b) {mode = 0 : i64, padding_mode = 0 : i64, align_corners = true} : (tensor<f32>, tensor<1x5x6x2xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>, %b: tensor<1x5x6x3xf32>) {
  // expected-error@+1 {{needs a grid of rank 4 that begins with 1 and ends with 2, got shape 1x5x6x3}}
  %0 = "top.GridSampler"(%a, %b) {mode = 0 : i64, padding_mode = 0 : i64, align_corners = true} : (tensor<1x4x6x6xf32>, tensor<1x5x6x3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>, %b: tensor<f32>) {
  // expected-error@+1 {{needs a grid of rank 4 that begins with 1 and ends with 2, got shape scalar}}
  %0 = "top.GridSampler"(%a, %b) {mode = 0 : i64, padding_mode = 0 : i64, align_corners = true} : (tensor<1x4x6x6xf32>, tensor<f32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x0x6xf32>, %b: tensor<1x5x6x2xf32>) {
  // expected-error@+1 {{cannot sample an input of shape 1x4x0x6}}
  %0 = "top.GridSampler"(%a, %b) {mode = 0 : i64, padding_mode = 0 : i64, align_corners = true} : (tensor<1x4x0x6xf32>, tensor<1x5x6x2xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>, %b: tensor<1x5x6x2xf32>) {
  // expected-error@+1 {{has mode -9223372036854775808; it must be 0 (linear), 1 (nearest)}}
  %0 = "top.GridSampler"(%a, %b) {mode = -9223372036854775808 : i64, padding_mode = 0 : i64, align_corners = true} : (tensor<1x4x6x6xf32>, tensor<1x5x6x2xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x2x3x4x5xf32>, %b: tensor<1x2x2x2x3xf32>) {
  // expected-error@+1 {{has mode 2; it must be 0}}
  %0 = "top.GridSampler"(%a, %b) {mode = 2 : i64, padding_mode = 0 : i64, align_corners = true} : (tensor<1x2x3x4x5xf32>, tensor<1x2x2x2x3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x6x6xf32>, %b: tensor<1x5x6x2xf32>) {
  // expected-error@+1 {{has padding_mode 3; it must be 0 (zeros), 1 (border) or 2 (reflection)}}
  %0 = "top.GridSampler"(%a, %b) {mode = 0 : i64, padding_mode = 3 : i64, align_corners = true} : (tensor<1x4x6x6xf32>, tensor<1x5x6x2xf32>) -> tensor<*xf32>
  return
}
