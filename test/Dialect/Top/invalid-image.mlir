// Every constraint of the ops on pictures has a sentence of its own.
// RUN: tpuc-opt %s --verify-diagnostics --split-input-file

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{has the channel_order 'rgb', which is neither nchw nor nhwc}}
  %0 = "top.MeanStdScale"(%a0) {channel_order = "rgb", customization_format = "", mean = [1.0], quant_mode = "", resize_dims = [], rounding_mode = "", scale = [], std = [2.0], zero_points = []}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{needs 3 values of mean (one per channel), got 2}}
  %0 = "top.MeanStdScale"(%a0) {channel_order = "nchw", customization_format = "", mean = [1.0, 2.0], quant_mode = "", resize_dims = [], rounding_mode = "", scale = [], std = [2.0], zero_points = []}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{needs 4 values of std (one per channel), got 0}}
  %0 = "top.MeanStdScale"(%a0) {channel_order = "nhwc", customization_format = "", mean = [1.0], quant_mode = "", resize_dims = [], rounding_mode = "", scale = [], std = [], zero_points = []}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{needs finite values other than 0 for std}}
  %0 = "top.MeanStdScale"(%a0) {channel_order = "nchw", customization_format = "", mean = [1.0], quant_mode = "", resize_dims = [], rounding_mode = "", scale = [], std = [0.0], zero_points = []}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{needs finite values for mean}}
  %0 = "top.MeanStdScale"(%a0) {channel_order = "nchw", customization_format = "", mean = [0x7FF8000000000000 : f64], quant_mode = "", resize_dims = [], rounding_mode = "", scale = [], std = [2.0], zero_points = []}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<f32>) {
  // expected-error@+1 {{needs an input with a channel axis, got shape scalar}}
  %0 = "top.MeanStdScale"(%a0) {channel_order = "nchw", customization_format = "", mean = [1.0], quant_mode = "", resize_dims = [], rounding_mode = "", scale = [], std = [2.0], zero_points = []}
      : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{has the unknown customization_format 'PINK'}}
  %0 = "top.Preprocess"(%a0) {channel_order = "rgb", customization_format = "PINK", mean = [1.0], quant_mode = "", resize_dims = [], scale = [1.0]}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x4x4x4xf32>) {
  // expected-error@+1 {{has an input of shape 1x4x4x4, which is no frame of the format RGB_PLANAR}}
  %0 = "top.Preprocess"(%a0) {channel_order = "rgb", customization_format = "RGB_PLANAR", mean = [1.0], quant_mode = "", resize_dims = [], scale = [1.0]}
      : (tensor<1x4x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{has an input of shape 1x3x4x4, which is no frame of the format BGR_PACKED}}
  %0 = "top.Preprocess"(%a0) {channel_order = "rgb", customization_format = "BGR_PACKED", mean = [1.0], quant_mode = "", resize_dims = [], scale = [1.0]}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x1x4x4xf32>) {
  // expected-error@+1 {{has an input of shape 1x1x4x4, which is no frame of the format YUV_NV12}}
  %0 = "top.Preprocess"(%a0) {channel_order = "rgb", customization_format = "YUV_NV12", mean = [1.0], quant_mode = "", resize_dims = [], scale = [1.0]}
      : (tensor<1x1x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<3x4xf32>) {
  // expected-error@+1 {{has an input of shape 3x4, which is no frame of the format RGB_PLANAR}}
  %0 = "top.Preprocess"(%a0) {channel_order = "rgb", customization_format = "RGB_PLANAR", mean = [1.0], quant_mode = "", resize_dims = [], scale = [1.0]}
      : (tensor<3x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{cannot give the channels 'gray' of frames of the format RGB_PLANAR}}
  %0 = "top.Preprocess"(%a0) {channel_order = "gray", customization_format = "RGB_PLANAR", mean = [1.0], quant_mode = "", resize_dims = [], scale = [1.0]}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x1x4x4xf32>) {
  // expected-error@+1 {{cannot give the channels 'rgb' of frames of the format GRAYSCALE}}
  %0 = "top.Preprocess"(%a0) {channel_order = "rgb", customization_format = "GRAYSCALE", mean = [1.0], quant_mode = "", resize_dims = [], scale = [1.0]}
      : (tensor<1x1x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{needs 3 values of scale (one per channel), got 2}}
  %0 = "top.Preprocess"(%a0) {channel_order = "rgb", customization_format = "RGB_PLANAR", mean = [1.0], quant_mode = "", resize_dims = [], scale = [1.0, 2.0]}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{needs finite values for scale}}
  %0 = "top.Preprocess"(%a0) {channel_order = "rgb", customization_format = "RGB_PLANAR", mean = [1.0], quant_mode = "", resize_dims = [], scale = [0xFFF0000000000000 : f64]}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{cannot cut a result of shape 1x3x5x4 out of 1x3x4x4}}
  %0 = "top.Preprocess"(%a0) {channel_order = "rgb", customization_format = "RGB_PLANAR", mean = [1.0], quant_mode = "", resize_dims = [], scale = [1.0]}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x5x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{needs 3 values of scale (one per channel), got 1}}
  %0 = "top.ScaleLut"(%a0) {bias = [0.0, 0.0, 0.0], scale = [1.0]} : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{needs finite values for bias}}
  %0 = "top.ScaleLut"(%a0) {bias = [0x7FF0000000000000 : f64, 0.0, 0.0], scale = [1.0, 1.0, 1.0]}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<3xf32>) {
  // expected-error@+1 {{needs an input with a channel axis, got shape 3}}
  %0 = "top.ScaleLut"(%a0) {bias = [], scale = []} : (tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{needs 3 values of channel_order, got 2}}
  %0 = "top.SwapChannel"(%a0) {channel_order = [0, 1]} : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{has channel 3 of 3 in channel_order}}
  %0 = "top.SwapChannel"(%a0) {channel_order = [0, 1, 3]} : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{has channel -9223372036854775808 of 3 in channel_order}}
  %0 = "top.SwapChannel"(%a0) {channel_order = [0, 1, -9223372036854775808]}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{needs four planes, [b, 4, h, w], got shape 1x3x4x4}}
  %0 = "top.DepackRaw"(%a0) {black_level = 10.0 : f64, channel_order = [0, 1, 2, 3], padding_h = 0 : i64, padding_w = 0 : i64, white_level = 100.0 : f64}
      : (tensor<1x3x4x4xf32>) -> tensor<1x1x8x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x4x4x4xf32>) {
  // expected-error@+1 {{leaves out 5 rows and 0 columns of planes of 4 x 4}}
  %0 = "top.DepackRaw"(%a0) {black_level = 10.0 : f64, channel_order = [0, 1, 2, 3], padding_h = 5 : i64, padding_w = 0 : i64, white_level = 100.0 : f64}
      : (tensor<1x4x4x4xf32>) -> tensor<1x1x8x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x4x4x4xf32>) {
  // expected-error@+1 {{leaves out 0 rows and -9223372036854775808 columns of planes of 4 x 4}}
  %0 = "top.DepackRaw"(%a0) {black_level = 10.0 : f64, channel_order = [0, 1, 2, 3], padding_h = 0 : i64, padding_w = -9223372036854775808 : i64, white_level = 100.0 : f64}
      : (tensor<1x4x4x4xf32>) -> tensor<1x1x8x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x4x4x4xf32>) {
  // expected-error@+1 {{needs 4 values of channel_order, got 0}}
  %0 = "top.DepackRaw"(%a0) {black_level = 10.0 : f64, channel_order = [], padding_h = 0 : i64, padding_w = 0 : i64, white_level = 100.0 : f64}
      : (tensor<1x4x4x4xf32>) -> tensor<1x1x8x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x4x4x4xf32>) {
  // expected-error@+1 {{has channel -1 of 4 in channel_order}}
  %0 = "top.DepackRaw"(%a0) {black_level = 10.0 : f64, channel_order = [0, 1, 2, -1], padding_h = 0 : i64, padding_w = 0 : i64, white_level = 100.0 : f64}
      : (tensor<1x4x4x4xf32>) -> tensor<1x1x8x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x4x4x4xf32>) {
  // expected-error@+1 {{needs finite levels}}
  %0 = "top.DepackRaw"(%a0) {black_level = 0x7FF8000000000000 : f64, channel_order = [0, 1, 2, 3], padding_h = 0 : i64, padding_w = 0 : i64, white_level = 100.0 : f64}
      : (tensor<1x4x4x4xf32>) -> tensor<1x1x8x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<f32>) {
  // expected-error@+1 {{needs an input of rank 1 or more, got shape scalar}}
  %0 = "top.Mmap2Rgbmap"(%a0) {} : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a0: tensor<2x3xf32>) {
  // expected-error@+1 {{has a result of shape 2x12, but its operands and attributes give 2x18}}
  %0 = "top.Mmap2Rgbmap"(%a0) {} : (tensor<2x3xf32>) -> tensor<2x12xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x5x4xf32>) {
  // expected-error@+1 {{needs frames of h * 3 / 2 rows of even length, got shape 1x5x4}}
  %0 = "top.Yuv2rgbFormula"(%a0) {dst_format = 4 : ui32, formula_mode = "_601_full", image_format = "UINT8", src_format = 0 : ui32}
      : (tensor<1x5x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x6x5xf32>) {
  // expected-error@+1 {{needs frames of h * 3 / 2 rows of even length, got shape 1x6x5}}
  %0 = "top.Yuv2rgbFormula"(%a0) {dst_format = 4 : ui32, formula_mode = "_601_full", image_format = "UINT8", src_format = 0 : ui32}
      : (tensor<1x6x5xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<f32>) {
  // expected-error@+1 {{needs frames of h * 3 / 2 rows of even length, got shape scalar}}
  %0 = "top.Yuv2rgbFormula"(%a0) {dst_format = 4 : ui32, formula_mode = "_601_full", image_format = "UINT8", src_format = 0 : ui32}
      : (tensor<f32>) -> tensor<3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x6x4xf32>) {
  // expected-error@+1 {{has the src_format 4, which is not within 0 to 3}}
  %0 = "top.Yuv2rgbFormula"(%a0) {dst_format = 4 : ui32, formula_mode = "_601_full", image_format = "UINT8", src_format = 4 : ui32}
      : (tensor<1x6x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x6x4xf32>) {
  // expected-error@+1 {{has the dst_format 3, which is neither 4 (RGB) nor 5 (BGR)}}
  %0 = "top.Yuv2rgbFormula"(%a0) {dst_format = 3 : ui32, formula_mode = "_601_full", image_format = "UINT8", src_format = 0 : ui32}
      : (tensor<1x6x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x6x4xf32>) {
  // expected-error@+1 {{string attribute one of _601_limited, _601_full}}
  %0 = "top.Yuv2rgbFormula"(%a0) {dst_format = 4 : ui32, formula_mode = "_709", image_format = "UINT8", src_format = 0 : ui32}
      : (tensor<1x6x4xf32>) -> tensor<1x3x4x4xf32>
  return
}
