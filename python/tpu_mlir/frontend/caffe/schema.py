"""The messages of the public Caffe format, as protobuf classes made from tables.

Text files name their fields, so only names and types count there. Binary files are read for nothing but the weights: of
those messages the tables give the public numbers, and every other field is skipped.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

ENUMS = {
    "Phase": "TRAIN TEST",
    "Engine": "DEFAULT CAFFE CUDNN LIBDNN INTEL_SPATIAL FFT MKL2017 MKLDNN",
    "Variance": "FAN_IN FAN_OUT AVERAGE",
    "Norm": "FULL VALID BATCH_SIZE NONE",
    "Share": "STRICT PERMISSIVE",
    "Database": "LEVELDB LMDB",
    "Pool": "MAX AVE STOCHASTIC",
    "Round": "CEIL FLOOR",
    "Eltwise": "PROD SUM MAX MIN",
    "Reduction": "NONE SUM ASUM SUMSQ MEAN",
    "Region": "ACROSS_CHANNELS WITHIN_CHANNEL",
    "BnMode": "LEARN INFERENCE",
    "Code": "NO_CODE CORNER CENTER_SIZE CORNER_SIZE",
    "V1Type": "NONE ACCURACY BNLL CONCAT CONVOLUTION DATA DROPOUT EUCLIDEAN_LOSS FLATTEN HDF5_DATA HDF5_OUTPUT IM2COL "
    "IMAGE_DATA INFOGAIN_LOSS INNER_PRODUCT LRN MULTINOMIAL_LOGISTIC_LOSS POOLING RELU SIGMOID SOFTMAX SOFTMAX_LOSS "
    "SPLIT TANH WINDOW_DATA ELTWISE POWER SIGMOID_CROSS_ENTROPY_LOSS HINGE_LOSS MEMORY_DATA ARGMAX THRESHOLD "
    "DUMMY_DATA SLICE MVN ABSVAL SILENCE CONTRASTIVE_LOSS EXP DECONVOLUTION",
}
"""Enumerations: words in the order of their numbers."""

_WINDOW = (
    "pad:uint32* kernel_size:uint32* stride:uint32* dilation:uint32* pad_h:uint32 pad_w:uint32 kernel_h:uint32 "
    "kernel_w:uint32 stride_h:uint32 stride_w:uint32 engine:Engine "
)
_FILLERS = "weight_filler:Filler bias_filler:Filler "
_CROPPED = "scale:float mean_file:string batch_size:uint32 crop_size:uint32 mirror:bool rand_skip:uint32 "
_AXES = "axis:int32=1 num_axes:int32=1 filler:Filler "

_PARAMETERS = {
    "transform_param": "scale:float mirror:bool crop_size:uint32 mean_file:string mean_value:float* force_color:bool "
    "force_gray:bool",
    "loss_param": "ignore_label:int32 normalization:Norm normalize:bool",
    "accuracy_param": "top_k:uint32 axis:int32 ignore_label:int32",
    "argmax_param": "out_max_val:bool top_k:uint32=1 axis:int32",
    "batch_norm_param": "use_global_stats:bool=true moving_average_fraction:float eps:float=1e-5 scale_bias:bool",
    "bias_param": _AXES,
    "bn_param": "slope_filler:Filler scale_filler:Filler bias_filler:Filler shift_filler:Filler momentum:float "
    "eps:float=1e-5 frozen:bool bn_mode:BnMode engine:Engine",
    "clip_param": "min:float max:float",
    "concat_param": "axis:int32=1 concat_dim:uint32",
    "continuation_indicator_param": "time_step:uint32 batch_size:uint32",
    "contrastive_loss_param": "margin:float legacy_version:bool",
    "convolution_param": f"num_output:uint32 bias_term:bool=true group:uint32=1 axis:int32=1 force_nd_im2col:bool "
    f"{_WINDOW}{_FILLERS}",
    "crop_param": "axis:int32=2 offset:uint32*",
    "data_param": _CROPPED + "source:string backend:Database force_encoded_color:bool prefetch:uint32",
    "detection_output_param": "num_classes:uint32 share_location:bool=true background_label_id:int32 "
    "nms_param:Suppression save_output_param:SavedOutput code_type:Code=CORNER variance_encoded_in_target:bool "
    "keep_top_k:int32=-1 confidence_threshold:float visualize:bool visualize_threshold:float save_file:string",
    "dropout_param": "dropout_ratio:float=0.5 scale_train:bool=true",
    "dummy_data_param": "data_filler:Filler* shape:Shape* num:uint32* channels:uint32* height:uint32* width:uint32*",
    "eltwise_param": "operation:Eltwise=SUM coeff:float* stable_prod_grad:bool",
    "elu_param": "alpha:float=1",
    "embed_param": f"num_output:uint32 input_dim:uint32 bias_term:bool=true {_FILLERS}",
    "exp_param": "base:float=-1 scale:float=1 shift:float=0",
    "flatten_param": "axis:int32=1 end_axis:int32=-1",
    "frcn_detection_param": "nms_threshold:float obj_threshold:float keep_topk:uint32 class_num:uint32",
    "hdf5_data_param": "source:string batch_size:uint32 shuffle:bool",
    "hdf5_output_param": "file_name:string",
    "hinge_loss_param": "norm:string",
    "image_data_param": _CROPPED + "source:string shuffle:bool new_height:uint32 new_width:uint32 is_color:bool "
    "root_folder:string",
    "infogain_loss_param": "source:string axis:int32",
    "inner_product_param": f"num_output:uint32 bias_term:bool=true axis:int32=1 transpose:bool {_FILLERS}",
    "input_param": "shape:Shape*",
    "interp_param": "height:uint32 width:uint32 zoom_factor:uint32 shrink_factor:uint32 pad_beg:int32 pad_end:int32",
    "log_param": "base:float=-1 scale:float=1 shift:float=0",
    "lrn_param": "local_size:uint32=5 alpha:float=1 beta:float=0.75 norm_region:Region k:float=1 engine:Engine",
    "lstm_param": f"num_output:uint32 clipping_threshold:float batch_size:uint32=1 {_FILLERS}",
    "memory_data_param": "batch_size:uint32 channels:uint32 height:uint32 width:uint32",
    "mvn_param": "normalize_variance:bool=true across_channels:bool eps:float=1e-9",
    "norm_param": "across_spatial:bool=true scale_filler:Filler channel_shared:bool=true eps:float=1e-10",
    "parameter_param": "shape:Shape",
    "permute_param": "order:uint32*",
    "pooling_param": f"pool:Pool=MAX global_pooling:bool round_mode:Round ceil_mode:bool=true {_WINDOW}",
    "power_param": "power:float=1 scale:float=1 shift:float=0",
    "prelu_param": "filler:Filler channel_shared:bool",
    "prior_box_param": "min_size:float* max_size:float* aspect_ratio:float* flip:bool=true clip:bool variance:float* "
    "img_size:uint32 img_h:uint32 img_w:uint32 step:float step_h:float step_w:float offset:float=0.5 "
    "use_default_aspect_ratio:bool=true",
    "proposal_param": "feat_stride:int32=16 anchor_base_size:int32=16 rpn_obj_threshold:float=0.3 "
    "rpn_nms_threshold:float=0.7 rpn_nms_post_top_n:int32=300 net_input_h:uint32 net_input_w:uint32",
    "python_param": "module:string layer:string param_str:string share_in_parallel:bool",
    "recurrent_param": f"num_output:uint32 debug_info:bool expose_hidden:bool {_FILLERS}",
    "reduction_param": "operation:Reduction=SUM axis:int32=0 coeff:float=1",
    "relu_param": "negative_slope:float=0 engine:Engine",
    "reorg_param": "stride:uint32=2 reverse:bool",
    "reshape_param": "shape:Shape axis:int32=0 num_axes:int32=-1",
    "retinaface_detection_param": "nms_threshold:float confidence_threshold:float keep_topk:uint32",
    "reverse_param": "axis:int32=0",
    "roi_pooling_param": "pooled_h:uint32 pooled_w:uint32 spatial_scale:float=1 pooled_size:uint32*",
    "scale_param": _AXES + "bias_term:bool bias_filler:Filler",
    "shuffle_channel_param": "group:uint32=1",
    "sigmoid_param": "engine:Engine",
    "slice_param": "axis:int32=1 slice_point:uint32* slice_dim:uint32",
    "softmax_param": "axis:int32=1 engine:Engine",
    "spp_param": "pyramid_height:uint32 pool:Pool engine:Engine",
    "swish_param": "beta:float=1",
    "tanh_param": "engine:Engine",
    "threshold_param": "threshold:float",
    "tile_param": "axis:int32=1 tiles:int32",
    "upsample_param": "scale:uint32 scale_h:uint32 scale_w:uint32 pad_out_h:bool pad_out_w:bool upsample_h:uint32 "
    "upsample_w:uint32",
    "window_data_param": _CROPPED + "source:string fg_threshold:float bg_threshold:float fg_fraction:float "
    "context_pad:uint32 crop_mode:string cache_images:bool root_folder:string",
    "yolo_detection_param": "net_input_h:uint32 net_input_w:uint32 nms_threshold:float obj_threshold:float "
    "keep_topk:uint32 spp_net:bool tiny:bool class_num:uint32=80 anchors:string yolo_v4:bool",
}
"""The parameters of layer types: field of a layer -> its fields."""

_LAYER = (
    "name:string bottom:string* top:string* loss_weight:float* blobs:Blob* include:Rule* exclude:Rule* "
    + " ".join(f"{name}:{name}" for name in _PARAMETERS)
    + " "
)

TEXT = {
    **_PARAMETERS,
    "Shape": "dim:int64*",
    "Suppression": "nms_threshold:float=0.3 top_k:int32 eta:float=1",
    "SavedOutput": "output_directory:string output_name_prefix:string output_format:string label_map_file:string "
    "name_size_file:string num_test_image:uint32",
    "Blob": "shape:Shape data:float* diff:float* num:int32 channels:int32 height:int32 width:int32",
    "Filler": "type:string value:float min:float max:float mean:float std:float sparse:int32 variance_norm:Variance",
    "State": "phase:Phase level:int32 stage:string*",
    "Rule": "phase:Phase min_level:int32 max_level:int32 stage:string* not_stage:string*",
    "Spec": "name:string share_mode:Share lr_mult:float decay_mult:float",
    "Layer": _LAYER + "type:string phase:Phase param:Spec* propagate_down:bool*",
    "V1Layer": _LAYER + "type:V1Type param:string* blob_share_mode:Share* blobs_lr:float* weight_decay:float*",
    "Net": "name:string input:string* input_shape:Shape* input_dim:int32* force_backward:bool state:State "
    "debug_info:bool layer:Layer* layers:V1Layer*",
}
"""Messages of a .prototxt: fields as name:type, a star for repeated ones, =default."""

BINARY = {
    "Shape": "dim:int64*@1",
    "Blob": "num:int32@1 channels:int32@2 height:int32@3 width:int32@4 data:float*@5 shape:Shape@7 "
    "double_data:double*@8 raw_data_type:int32@10 raw_data:bytes@12",
    "Layer": "name:string@1 type:string@2 blobs:Blob*@7",
    "V1Layer": "name:string@4 blobs:Blob*@6",
    "Net": "name:string@1 layers:V1Layer*@2 layer:Layer*@100",
}
"""Messages of a .caffemodel: the same with the numbers of the format."""


def _field(message: Any, text: str, number: int, package: str, known: set[str]) -> None:
    text, _, explicit = text.partition("@")
    text, _, default = text.partition("=")
    name, _, kind = text.partition(":")
    field = message.field.add(name=name, number=int(explicit or number))
    repeated = kind.endswith("*")
    kind = kind.rstrip("*")
    field.label = field.LABEL_REPEATED if repeated else field.LABEL_OPTIONAL
    if kind in known:
        field.type, field.type_name = field.TYPE_MESSAGE, f".{package}.{kind}"
    elif kind in ENUMS:
        field.type, field.type_name = field.TYPE_ENUM, f".{package}.{kind}_words.{kind}"
    else:
        field.type = getattr(field, f"TYPE_{kind.upper()}")
        field.options.packed = repeated and kind in ("float", "double", "int64")
        if not field.options.packed:
            field.ClearField("options")
    if default:
        field.default_value = default


def _classes(package: str, table: dict[str, str]) -> dict[str, Any]:
    """The message classes of a table, by name."""
    file = descriptor_pb2.FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto2")
    for name, words in ENUMS.items():
        # In a message of its own each enumeration may have the words of another one.
        enum = file.message_type.add(name=f"{name}_words").enum_type.add(name=name)
        for number, word in enumerate(words.split()):
            enum.value.add(name=word, number=number)
    for name, fields in table.items():
        message = file.message_type.add(name=name)
        for number, text in enumerate(fields.split(), 1):
            _field(message, text, number, package, set(table))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}")) for name in table}


TEXT_CLASSES = _classes("tpu_mlir_caffe_text", TEXT)
BINARY_CLASSES = _classes("tpu_mlir_caffe_binary", BINARY)


def word(message: Any, field: str) -> str:
    """The word of an enumeration's field."""
    descriptor = message.DESCRIPTOR.fields_by_name[field]
    return str(descriptor.enum_type.values_by_number[getattr(message, field)].name)
