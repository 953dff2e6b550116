//===- InstructionLayouts.td - where fields lie in BM1684X instructions ----------------------------*- tablegen -*-===//
//
// One record per bit layout. All 14 long TIU forms share one; so do most GDMA forms.
//
//===------------------------------------------------------------------------------------------------------------===//

def TiuLongBits : Layout<1024> {
  let fields = [
    Bits<cmd_short, 0, 1>, Bits<cmd_id, 1, 20>, Bits<cmd_id_dep, 21, 20>, Bits<tsk_typ, 41, 4>,
    Bits<tsk_eu_typ, 45, 5>, Bits<eu_half_en, 50, 1>, Bits<tsk_opd_num, 51, 2>, Bits<pad_mode, 53, 2>,
    Bits<cmd_id_en, 55, 4, 1>, Bits<pwr_step, 59, 4>, Bits<intr_en, 63, 1>, Bits<res_add, 64, 1>, Bits<relu, 65, 1>,
    Bits<left_tran, 66, 1>, Bits<rsvd1, 67, 1>, Bits<kernel_rotate, 68, 1>, Bits<opd0_sign, 69, 1>,
    Bits<opd1_sign, 70, 1>, Bits<opd2_sign, 71, 1>, Bits<res0_prec, 72, 3>, Bits<opd0_prec, 75, 3>,
    Bits<opd1_prec, 78, 3>, Bits<opd2_prec, 81, 3>, Bits<opd0_const, 84, 1>, Bits<opd1_const, 85, 1>,
    Bits<opd2_const, 86, 1>, Bits<res0_str, 87, 3>, Bits<opd0_str, 90, 3>, Bits<opd1_str, 93, 3>,
    Bits<opd2_str, 96, 3>, Bits<res_add_sign, 99, 1>, Bits<rsvd2, 100, 25>, Bits<rsvd3, 125, 1>,
    Bits<opd3_const, 126, 1>, Bits<rsvd4, 127, 1>, Bits<opd0_x_ins0, 128, 4>, Bits<opd0_y_ins0, 132, 4>,
    Bits<opd1_x_ins0, 136, 4>, Bits<opd1_y_ins0, 140, 4>, Bits<opd0_up_pad, 144, 4>, Bits<opd0_dn_pad, 148, 4>,
    Bits<opd0_lf_pad, 152, 4>, Bits<opd0_rt_pad, 156, 4>, Bits<res_op_x_str, 160, 4>, Bits<res_op_y_str, 164, 4>,
    Bits<res0_h_shift, 168, 4>, Bits<res0_w_shift, 172, 4>, Bits<opd0_h_shift, 176, 4>, Bits<opd0_w_shift, 180, 4>,
    Bits<opd1_h_shift, 184, 4>, Bits<opd1_w_shift, 188, 4>, Bits<tsk_lane_num, 192, 64, -1>, Bits<res0_n, 256, 16>,
    Bits<res0_c, 272, 16>, Bits<res0_h, 288, 16>, Bits<res0_w, 304, 16>, Bits<opd0_n, 320, 16>, Bits<opd0_c, 336, 16>,
    Bits<opd0_h, 352, 16>, Bits<opd0_w, 368, 16>, Bits<opd1_n, 384, 16>, Bits<opd1_c, 400, 16>, Bits<opd1_h, 416, 16>,
    Bits<opd1_w, 432, 16>, Bits<res0_n_str, 448, 16>, Bits<res0_c_str, 464, 16>, Bits<opd0_n_str, 480, 16>,
    Bits<opd0_c_str, 496, 16>, Bits<opd1_n_str, 512, 16>, Bits<opd1_c_str, 528, 16>, Bits<opd2_n_str, 544, 16>,
    Bits<opd2_c_str, 560, 16>, Bits<res0_addr, 576, 32>, Bits<opd0_addr, 608, 32>, Bits<opd1_addr, 640, 32>,
    Bits<opd2_addr, 672, 32>, Bits<res0_h_str, 704, 32>, Bits<res0_w_str, 736, 32>, Bits<opd0_h_str, 768, 32>,
    Bits<opd0_w_str, 800, 32>, Bits<opd1_h_str, 832, 32>, Bits<opd1_w_str, 864, 32>, Bits<opd2_h_str, 896, 32>,
    Bits<opd2_w_str, 928, 32>, Bits<res1_addr, 960, 32>, Bits<opd3_addr, 992, 32>];
}

def LarBits : Layout<128> {
  let fields = [
    Bits<opd0_w_str, 0, 1>, Bits<opd1_w_str, 1, 1>, Bits<opd2_const, 2, 1>, Bits<res0_prec, 3, 3>,
    Bits<opd0_prec, 6, 3>, Bits<opd1_prec, 9, 3>, Bits<opd2_n_str, 12, 3>, Bits<opd0_sign, 15, 1>,
    Bits<opd1_sign, 16, 1>, Bits<start_tid, 17, 6>, Bits<res0_c, 23, 8>, Bits<res0_w, 31, 8>, Bits<rsvd0, 39, 2>,
    Bits<tsk_typ, 41, 4>, Bits<tsk_eu_typ, 45, 5>, Bits<rsvd1, 50, 1>, Bits<tsk_opd_num, 51, 2>, Bits<rsvd2, 53, 6>,
    Bits<pwr_step, 59, 4>, Bits<rsvd3, 63, 1>, Bits<res0_addr, 64, 16>, Bits<opd0_addr, 80, 16>,
    Bits<opd1_addr, 96, 16>, Bits<opd2_addr, 112, 16>];
}

def SysIdBits : Layout<128> {
  let fields = [
    Bits<rsvd0, 0, 1>, Bits<cmd_id, 1, 20>, Bits<cmd_id_dep, 21, 20>, Bits<tsk_typ, 41, 4>, Bits<tsk_eu_typ, 45, 5>,
    Bits<rsvd1, 50, 5>, Bits<cmd_id_en, 55, 4>, Bits<pwr_step, 59, 4>, Bits<intr_en, 63, 1>,
    Bits<cmd_id_eng1, 64, 20>, Bits<cmd_id_eng2, 84, 20>, Bits<cmd_id_eng3, 104, 20>, Bits<rsvd3, 124, 4>];
}

def ShortArBits : Layout<512> {
  let fields = [
    Bits<cmd_short, 0, 1>, Bits<cmd_id, 1, 20>, Bits<cmd_id_dep, 21, 20>, Bits<tsk_typ, 41, 4>,
    Bits<tsk_eu_typ, 45, 5>, Bits<opd0_const, 50, 1>, Bits<opd1_const, 51, 1>, Bits<opd2_const, 52, 1>,
    Bits<tsk_opd_num, 53, 2>, Bits<cmd_id_en, 55, 4, 1>, Bits<pwr_step, 59, 4>, Bits<intr_en, 63, 1>,
    Bits<res0_prec, 64, 3>, Bits<opd0_prec, 67, 3>, Bits<opd1_prec, 70, 3>, Bits<opd2_prec, 73, 3>,
    Bits<opd0_sign, 76, 1>, Bits<opd1_sign, 77, 1>, Bits<res0_str, 78, 3>, Bits<opd0_str, 81, 3>,
    Bits<opd1_str, 84, 3>, Bits<opd2_n_str, 87, 3>, Bits<rsvd0, 90, 6>, Bits<res0_n, 96, 16>, Bits<res0_c, 112, 16>,
    Bits<res0_h, 128, 16>, Bits<res0_w, 144, 16>, Bits<res0_addr, 160, 32>, Bits<opd0_addr, 192, 32>,
    Bits<opd1_addr, 224, 32>, Bits<opd2_addr, 256, 32>, Bits<res0_n_str, 288, 16>, Bits<res0_c_str, 304, 16>,
    Bits<opd0_n_str, 320, 16>, Bits<opd0_c_str, 336, 16>, Bits<opd1_n_str, 352, 16>, Bits<opd1_c_str, 368, 16>,
    Bits<res0_h_str, 384, 20>, Bits<res0_w_str, 404, 20>, Bits<opd0_h_str, 424, 20>, Bits<opd2_sign, 444, 1>,
    Bits<rsvd1, 445, 3>, Bits<opd0_w_str, 448, 20>, Bits<opd1_h_str, 468, 20>, Bits<opd1_w_str, 488, 20>,
    Bits<rsvd2, 508, 4>];
}

def ShortCmpBits : Layout<384> {
  let fields = [
    Bits<cmd_short, 0, 1>, Bits<cmd_id, 1, 20>, Bits<cmd_id_dep, 21, 20>, Bits<tsk_typ, 41, 4>,
    Bits<tsk_eu_typ, 45, 5>, Bits<opd0_const, 50, 1>, Bits<opd1_const, 51, 1>, Bits<opd2_const, 52, 1>,
    Bits<opd3_const, 53, 1>, Bits<rsvd0, 54, 1>, Bits<cmd_id_en, 55, 4, 1>, Bits<pwr_step, 59, 4>, Bits<intr_en, 63, 1>,
    Bits<opd0_prec, 64, 3>, Bits<opd2_prec, 67, 3>, Bits<opd0_str, 70, 3>, Bits<opd1_str, 73, 3>, Bits<rsvd1, 76, 51>,
    Bits<opd0_sign, 127, 1>, Bits<res0_n, 128, 16>, Bits<res0_c, 144, 16>, Bits<res0_h, 160, 16>,
    Bits<res0_w, 176, 16>, Bits<res0_addr, 192, 32>, Bits<res1_addr, 224, 32>, Bits<opd0_addr, 256, 32>,
    Bits<opd1_addr, 288, 32>, Bits<opd2_addr, 320, 32>, Bits<opd3_addr, 352, 32>];
}

def ShortConvBits : Layout<512> {
  let fields = [
    Bits<cmd_short, 0, 1>, Bits<cmd_id, 1, 20>, Bits<cmd_id_dep, 21, 20>, Bits<tsk_typ, 41, 4>,
    Bits<tsk_eu_typ, 45, 5>, Bits<opd0_sign, 50, 1>, Bits<opd1_sign, 51, 1>, Bits<opd2_sign, 52, 1>,
    Bits<pad_mode, 53, 2>, Bits<cmd_id_en, 55, 4, 1>, Bits<pwr_step, 59, 4>, Bits<res_add, 63, 1>,
    Bits<kernel_rotate, 64, 1>, Bits<res0_prec, 65, 3>, Bits<opd0_prec, 68, 3>, Bits<opd1_const, 71, 1>,
    Bits<opd2_const, 72, 1>, Bits<opd0_up_pad, 73, 4>, Bits<opd0_dn_pad, 77, 4>, Bits<opd0_lf_pad, 81, 4>,
    Bits<opd0_rt_pad, 85, 4>, Bits<res_op_x_str, 89, 4>, Bits<res_op_y_str, 93, 4>, Bits<opd3_const, 97, 1>,
    Bits<opd0_str, 98, 3>, Bits<res0_addr, 101, 26>, Bits<intr_en, 127, 1>, Bits<opd0_x_ins0, 128, 4>,
    Bits<opd0_y_ins0, 132, 4>, Bits<opd1_x_ins0, 136, 4>, Bits<opd1_y_ins0, 140, 4>, Bits<opd0_n_str, 144, 16>,
    Bits<res0_n, 160, 16>, Bits<res0_c, 176, 16>, Bits<res0_h, 192, 16>, Bits<res0_w, 208, 16>, Bits<opd0_c, 224, 16>,
    Bits<opd0_h, 240, 16>, Bits<opd0_w, 256, 16>, Bits<opd1_h, 272, 16>, Bits<opd1_w, 288, 16>,
    Bits<opd0_c_str, 304, 16>, Bits<opd0_addr, 320, 32>, Bits<opd1_addr, 352, 32>, Bits<opd2_addr, 384, 32>,
    Bits<res1_addr, 416, 32>, Bits<opd3_addr, 448, 32>, Bits<opd0_h_str, 480, 16>, Bits<opd0_w_str, 496, 16>];
}

def ShortLinBits : Layout<256> {
  let fields = [
    Bits<cmd_short, 0, 1>, Bits<cmd_id, 1, 20>, Bits<cmd_id_dep, 21, 20>, Bits<tsk_typ, 41, 4>,
    Bits<tsk_eu_typ, 45, 5>, Bits<opd1_const, 50, 1>, Bits<opd2_const, 51, 1>, Bits<res0_prec, 52, 3>,
    Bits<cmd_id_en, 55, 4, 1>, Bits<pwr_step, 59, 4>, Bits<intr_en, 63, 1>, Bits<res0_n, 64, 16>, Bits<res0_c, 80, 16>,
    Bits<res0_h, 96, 16>, Bits<res0_w, 112, 16>, Bits<res0_addr, 128, 32>, Bits<opd0_addr, 160, 32>,
    Bits<opd1_addr, 192, 32>, Bits<opd2_addr, 224, 32>];
}

def ShortMmBits : Layout<384> {
  let fields = [
    Bits<cmd_short, 0, 1>, Bits<cmd_id, 1, 20>, Bits<cmd_id_dep, 21, 20>, Bits<tsk_typ, 41, 4>,
    Bits<tsk_eu_typ, 45, 5>, Bits<res_add, 50, 1>, Bits<left_tran, 51, 1>, Bits<opd0_const, 52, 1>,
    Bits<opd2_const, 53, 1>, Bits<rsvd0, 54, 1>, Bits<cmd_id_en, 55, 4, 1>, Bits<pwr_step, 59, 4>, Bits<intr_en, 63, 1>,
    Bits<opd0_sign, 64, 1>, Bits<opd1_sign, 65, 1>, Bits<opd2_sign, 66, 1>, Bits<res0_prec, 67, 3>,
    Bits<opd0_prec, 70, 3>, Bits<opd2_n_str, 73, 3>, Bits<rsvd1, 76, 20>, Bits<rsvd2, 96, 16>, Bits<res0_c, 112, 16>,
    Bits<res0_w, 128, 16>, Bits<opd0_n, 144, 16>, Bits<opd0_c, 160, 16>, Bits<opd0_w, 176, 16>, Bits<rsvd3, 192, 16>,
    Bits<opd1_w, 208, 16>, Bits<res0_addr, 224, 32>, Bits<opd0_addr, 256, 32>, Bits<opd1_addr, 288, 32>,
    Bits<opd2_addr, 320, 32>, Bits<opd3_addr, 352, 32>];
}

def ShortMm2Bits : Layout<256> {
  let fields = [
    Bits<cmd_short, 0, 1>, Bits<cmd_id, 1, 20>, Bits<cmd_id_dep, 21, 20>, Bits<tsk_typ, 41, 4>,
    Bits<tsk_eu_typ, 45, 5>, Bits<opd0_sign, 50, 1>, Bits<opd1_sign, 51, 1>, Bits<res0_prec, 52, 3>,
    Bits<cmd_id_en, 55, 4, 1>, Bits<pwr_step, 59, 4>, Bits<opd2_const, 63, 1>, Bits<res0_c, 64, 16>,
    Bits<res0_w, 80, 16>, Bits<opd1_c, 96, 16>, Bits<opd1_w, 112, 16>, Bits<opd0_prec, 128, 3>,
    Bits<opd0_const, 131, 1>, Bits<opd1_const, 132, 1>, Bits<res_add, 133, 1>, Bits<res0_addr, 134, 25>,
    Bits<intr_en, 159, 1>, Bits<opd0_addr, 160, 32>, Bits<opd1_addr, 192, 32>, Bits<opd2_addr, 224, 32>];
}

def ShortPorDBits : Layout<512> {
  let fields = [
    Bits<cmd_short, 0, 1>, Bits<cmd_id, 1, 20>, Bits<cmd_id_dep, 21, 20>, Bits<tsk_typ, 41, 4>,
    Bits<tsk_eu_typ, 45, 5>, Bits<kernel_rotate, 50, 1>, Bits<opd0_sign, 51, 1>, Bits<opd1_sign, 52, 1>,
    Bits<pad_mode, 53, 2>, Bits<cmd_id_en, 55, 4, 1>, Bits<pwr_step, 59, 4>, Bits<opd1_const, 63, 1>,
    Bits<opd2_const, 64, 1>, Bits<opd3_const, 65, 1>, Bits<res0_prec, 66, 3>, Bits<opd0_prec, 69, 3>,
    Bits<opd0_x_ins0, 72, 4>, Bits<opd0_y_ins0, 76, 4>, Bits<opd1_x_ins0, 80, 4>, Bits<opd1_y_ins0, 84, 4>,
    Bits<opd0_up_pad, 88, 4>, Bits<opd0_dn_pad, 92, 4>, Bits<opd0_lf_pad, 96, 4>, Bits<opd0_rt_pad, 100, 4>,
    Bits<res_op_x_str, 104, 4>, Bits<res_op_y_str, 108, 4>, Bits<opd2_n_str, 112, 3>, Bits<rsvd5, 115, 11>,
    Bits<opd2_sign, 126, 1>, Bits<intr_en, 127, 1>, Bits<res0_n, 128, 16>, Bits<res0_c, 144, 16>,
    Bits<res0_h, 160, 16>, Bits<res0_w, 176, 16>, Bits<opd0_h, 192, 16>, Bits<opd0_w, 208, 16>, Bits<opd1_h, 224, 16>,
    Bits<opd1_w, 240, 16>, Bits<res0_addr, 256, 32>, Bits<opd0_addr, 288, 32>, Bits<opd1_addr, 320, 32>,
    Bits<opd2_addr, 352, 32>, Bits<res1_addr, 384, 32>, Bits<opd3_addr, 416, 32>, Bits<rsvd6, 448, 64>];
}

def ShortRqDqBits : Layout<256> {
  let fields = [
    Bits<cmd_short, 0, 1>, Bits<cmd_id, 1, 20>, Bits<cmd_id_dep, 21, 20>, Bits<tsk_typ, 41, 4>,
    Bits<tsk_eu_typ, 45, 5>, Bits<opd0_sign, 50, 1>, Bits<opd2_sign, 51, 1>, Bits<res0_prec, 52, 3>,
    Bits<cmd_id_en, 55, 4, 1>, Bits<pwr_step, 59, 4>, Bits<opd1_const, 63, 1>, Bits<opd0_prec, 64, 3>,
    Bits<opd2_n_str, 67, 6>, Bits<res0_addr, 73, 27>, Bits<opd0_addr, 100, 27>, Bits<intr_en, 127, 1>,
    Bits<res0_n, 128, 16>, Bits<res0_c, 144, 16>, Bits<res0_h, 160, 16>, Bits<res0_w, 176, 16>,
    Bits<opd1_addr, 192, 32>, Bits<opd2_addr, 224, 32>];
}

def ShortSfuBits : Layout<256> {
  let fields = [
    Bits<cmd_short, 0, 1>, Bits<cmd_id, 1, 20>, Bits<cmd_id_dep, 21, 20>, Bits<tsk_typ, 41, 4>,
    Bits<tsk_eu_typ, 45, 5>, Bits<rsvd0, 50, 5>, Bits<cmd_id_en, 55, 4, 1>, Bits<pwr_step, 59, 4>, Bits<intr_en, 63, 1>,
    Bits<res0_prec, 64, 3>, Bits<opd0_prec, 67, 3>, Bits<opd2_n_str, 70, 2>, Bits<rsvd3, 72, 8>, Bits<res0_n, 80, 16>,
    Bits<res0_c, 96, 16>, Bits<res0_h, 112, 16>, Bits<res0_w, 128, 16>, Bits<opd1_n, 144, 16>,
    Bits<res0_addr, 160, 32>, Bits<opd0_addr, 192, 32>, Bits<opd1_addr, 224, 32>];
}

def ShortSgBits : Layout<384> {
  let fields = [
    Bits<cmd_short, 0, 1>, Bits<cmd_id, 1, 20>, Bits<cmd_id_dep, 21, 20>, Bits<tsk_typ, 41, 4>,
    Bits<tsk_eu_typ, 45, 5>, Bits<opd3_const, 50, 1>, Bits<intr_en, 51, 1>, Bits<opd0_str, 52, 3>,
    Bits<cmd_id_en, 55, 4, 1>, Bits<pwr_step, 59, 4>, Bits<opd2_const, 63, 1>, Bits<res0_n, 64, 16>,
    Bits<res0_c, 80, 16>, Bits<res0_h, 96, 16>, Bits<res0_w, 112, 16>, Bits<opd0_h, 128, 16>, Bits<opd0_w, 144, 16>,
    Bits<opd1_c, 160, 16>, Bits<opd1_w, 176, 16>, Bits<res0_prec, 192, 3>, Bits<res0_addr, 195, 29>,
    Bits<opd0_prec, 224, 3>, Bits<opd0_addr, 227, 29>, Bits<opd1_prec, 256, 3>, Bits<opd1_addr, 259, 29>,
    Bits<opd2_addr, 288, 32>, Bits<res1_addr, 320, 32>, Bits<opd3_addr, 352, 32>];
}

def ShortSglBits : Layout<384> {
  let fields = [
    Bits<cmd_short, 0, 1>, Bits<cmd_id, 1, 20>, Bits<cmd_id_dep, 21, 20>, Bits<tsk_typ, 41, 4>,
    Bits<tsk_eu_typ, 45, 5>, Bits<rsvd0, 50, 3>, Bits<opd3_const, 53, 1>, Bits<intr_en, 54, 1>,
    Bits<cmd_id_en, 55, 4, 1>, Bits<pwr_step, 59, 4>, Bits<opd2_const, 63, 1>, Bits<res0_prec, 64, 3>,
    Bits<opd1_prec, 67, 3>, Bits<opd0_str, 70, 3>, Bits<rsvd1, 73, 7>, Bits<res0_n, 80, 16>, Bits<res0_c, 96, 16>,
    Bits<res0_h, 112, 16>, Bits<res0_w, 128, 16>, Bits<opd0_h, 144, 16>, Bits<res0_addr, 160, 32>,
    Bits<opd0_addr, 192, 32>, Bits<opd1_addr, 224, 32>, Bits<opd2_addr, 256, 32>, Bits<res1_addr, 288, 32>,
    Bits<rsvd2, 320, 64>];
}

def ShortTransBcBits : Layout<256> {
  let fields = [
    Bits<cmd_short, 0, 1>, Bits<cmd_id, 1, 20>, Bits<cmd_id_dep, 21, 20>, Bits<tsk_typ, 41, 4>,
    Bits<tsk_eu_typ, 45, 5>, Bits<res0_prec, 50, 3>, Bits<rsvd0, 53, 2>, Bits<cmd_id_en, 55, 4, 1>,
    Bits<pwr_step, 59, 4>, Bits<intr_en, 63, 1>, Bits<res0_n, 64, 16>, Bits<res0_c, 80, 16>, Bits<res0_h, 96, 16>,
    Bits<res0_w, 112, 16>, Bits<opd0_c, 128, 16>, Bits<opd0_w, 144, 16>, Bits<rsvd2, 160, 32>,
    Bits<res0_addr, 192, 32>, Bits<opd0_addr, 224, 32>];
}

def ShortVcBits : Layout<384> {
  let fields = [
    Bits<cmd_short, 0, 1>, Bits<cmd_id, 1, 20>, Bits<cmd_id_dep, 21, 20>, Bits<tsk_typ, 41, 4>,
    Bits<tsk_eu_typ, 45, 5>, Bits<opd0_sign, 50, 1>, Bits<opd1_sign, 51, 1>, Bits<opd2_n_str, 52, 3>,
    Bits<cmd_id_en, 55, 4, 1>, Bits<pwr_step, 59, 4>, Bits<intr_en, 63, 1>, Bits<res0_prec, 64, 3>,
    Bits<opd0_prec, 67, 3>, Bits<opd1_prec, 70, 3>, Bits<res0_addr, 73, 32>, Bits<rsvd1, 105, 23>,
    Bits<opd0_addr, 128, 32>, Bits<rsvd2, 160, 16>, Bits<res0_c, 176, 16>, Bits<res0_w, 192, 16>,
    Bits<opd0_c, 208, 16>, Bits<opd0_w, 224, 16>, Bits<opd1_w, 240, 16>, Bits<opd1_addr, 256, 32>,
    Bits<opd2_addr, 288, 32>, Bits<rsvd3, 320, 64>];
}

def GdmaTensorBits : Layout<768> {
  let fields = [
    Bits<intr_en, 0, 1>, Bits<stride_enable, 1, 1>, Bits<nchw_copy, 2, 1>, Bits<cmd_short, 3, 1>,
    Bits<decompress_enable, 4, 1>, Bits<cmd_id_en, 5, 4, 1>, Bits<cmd_id, 9, 20>, Bits<rsvd0, 29, 3>,
    Bits<cmd_type, 32, 4>, Bits<cmd_special_function, 36, 3>, Bits<fill_constant_en, 39, 1>,
    Bits<src_data_format, 40, 3>, Bits<rsvd1, 43, 21>, Bits<cmd_id_dep, 64, 20>, Bits<rsvd2, 84, 12>,
    Bits<constant_value, 96, 32>, Bits<src_nstride, 128, 32>, Bits<src_cstride, 160, 32>, Bits<src_hstride, 192, 32>,
    Bits<src_wstride, 224, 32>, Bits<dst_nstride, 256, 32>, Bits<dst_cstride, 288, 32>, Bits<dst_hstride, 320, 32>,
    Bits<dst_wstride, 352, 32>, Bits<src_nsize, 384, 16>, Bits<src_csize, 400, 16>, Bits<src_hsize, 416, 16>,
    Bits<src_wsize, 432, 16>, Bits<dst_nsize, 448, 16>, Bits<dst_csize, 464, 16>, Bits<dst_hsize, 480, 16>,
    Bits<dst_wsize, 496, 16>, Bits<src_start_addr_l32, 512, 32>, Bits<src_start_addr_h8, 544, 8>,
    Bits<rsvd3, 552, 24>, Bits<dst_start_addr_l32, 576, 32>, Bits<dst_start_addr_h8, 608, 8>, Bits<rsvd4, 616, 24>,
    Bits<rsvd5, 640, 32>, Bits<rsvd6, 672, 32>, Bits<localmem_mask_l32, 704, 32, -1>,
    Bits<localmem_mask_h32, 736, 32, -1>];
}

def GdmaGatherBits : Layout<768> {
  let fields = [
    Bits<intr_en, 0, 1>, Bits<stride_enable, 1, 1>, Bits<nchw_copy, 2, 1>, Bits<cmd_short, 3, 1>,
    Bits<decompress_enable, 4, 1>, Bits<cmd_id_en, 5, 4, 1>, Bits<cmd_id, 9, 20>, Bits<rsvd0, 29, 3>,
    Bits<cmd_type, 32, 4>, Bits<cmd_special_function, 36, 3>, Bits<fill_constant_en, 39, 1>,
    Bits<src_data_format, 40, 3>, Bits<rsvd1, 43, 21>, Bits<cmd_id_dep, 64, 20>, Bits<rsvd2, 84, 12>,
    Bits<constant_value, 96, 32>, Bits<src_cstride, 128, 32>, Bits<src_hstride, 160, 32>, Bits<dst_cstride, 192, 32>,
    Bits<dst_hstride, 224, 32>, Bits<index_cstride, 256, 32>, Bits<index_hstride, 288, 32>, Bits<rsvd3, 320, 16>,
    Bits<src_csize, 336, 16>, Bits<src_hsize, 352, 32>, Bits<src_wsize, 384, 16>, Bits<dst_csize, 400, 16>,
    Bits<dst_hsize, 416, 32>, Bits<dst_wsize, 448, 16>, Bits<index_csize, 464, 16>, Bits<index_hsize, 480, 32>,
    Bits<src_start_addr_l32, 512, 32>, Bits<src_start_addr_h8, 544, 8>, Bits<rsvd4, 552, 24>,
    Bits<dst_start_addr_l32, 576, 32>, Bits<dst_start_addr_h8, 608, 8>, Bits<rsvd5, 616, 24>,
    Bits<index_start_addr_l32, 640, 32>, Bits<index_start_addr_h8, 672, 8>, Bits<rsvd6, 680, 24>,
    Bits<localmem_mask_l32, 704, 32, -1>,
    Bits<localmem_mask_h32, 736, 32, -1>];
}

def GdmaGeneralBits : Layout<768> {
  let fields = [
    Bits<intr_en, 0, 1>, Bits<stride_enable, 1, 1>, Bits<nchw_copy, 2, 1>, Bits<cmd_short, 3, 1>,
    Bits<decompress_enable, 4, 1>, Bits<cmd_id_en, 5, 4, 1>, Bits<cmd_id, 9, 20>, Bits<rsvd0, 29, 3>,
    Bits<cmd_type, 32, 4>, Bits<cmd_special_function, 36, 3>, Bits<fill_constant_en, 39, 1>,
    Bits<src_data_format, 40, 3>, Bits<rsvd1, 43, 21>, Bits<cmd_id_dep, 64, 20>, Bits<rsvd2, 84, 12>,
    Bits<constant_value, 96, 32>, Bits<src_nstride, 128, 32>, Bits<move_length, 160, 32>, Bits<src_hstride, 192, 32>,
    Bits<src_wstride, 224, 32>, Bits<dst_nstride, 256, 32>, Bits<dst_cstride, 288, 32>, Bits<dst_hstride, 320, 32>,
    Bits<dst_wstride, 352, 32>, Bits<src_nsize, 384, 16>, Bits<src_csize, 400, 16>, Bits<src_hsize, 416, 16>,
    Bits<src_wsize, 432, 16>, Bits<dst_nsize, 448, 16>, Bits<dst_csize, 464, 16>, Bits<dst_hsize, 480, 16>,
    Bits<dst_wsize, 496, 16>, Bits<src_start_addr_l32, 512, 32>, Bits<src_start_addr_h8, 544, 8>,
    Bits<rsvd3, 552, 24>, Bits<dst_start_addr_l32, 576, 32>, Bits<dst_start_addr_h8, 608, 8>, Bits<rsvd4, 616, 24>,
    Bits<rsvd5, 640, 32>, Bits<rsvd6, 672, 32>, Bits<localmem_mask_l32, 704, 32, -1>,
    Bits<localmem_mask_h32, 736, 32, -1>];
}

def GdmaMaskedSelectBits : Layout<768> {
  let fields = [
    Bits<intr_en, 0, 1>, Bits<stride_enable, 1, 1>, Bits<nchw_copy, 2, 1>, Bits<cmd_short, 3, 1>,
    Bits<decompress_enable, 4, 1>, Bits<cmd_id_en, 5, 4, 1>, Bits<cmd_id, 9, 20>, Bits<rsvd0, 29, 3>,
    Bits<cmd_type, 32, 4>, Bits<cmd_special_function, 36, 3>, Bits<fill_constant_en, 39, 1>,
    Bits<src_data_format, 40, 3>, Bits<mask_data_format, 43, 3>, Bits<rsvd1, 46, 18>, Bits<cmd_id_dep, 64, 20>,
    Bits<rsvd2, 84, 12>, Bits<constant_value, 96, 32>, Bits<src_nstride, 128, 32>, Bits<src_cstride, 160, 32>,
    Bits<src_hstride, 192, 32>, Bits<src_wstride, 224, 32>, Bits<dst_nstride, 256, 32>, Bits<dst_cstride, 288, 32>,
    Bits<dst_hstride, 320, 32>, Bits<dst_wstride, 352, 32>, Bits<src_nsize, 384, 16>, Bits<src_csize, 400, 16>,
    Bits<src_hsize, 416, 16>, Bits<src_wsize, 432, 16>, Bits<dst_nsize, 448, 16>, Bits<dst_csize, 464, 16>,
    Bits<dst_hsize, 480, 16>, Bits<dst_wsize, 496, 16>, Bits<src_start_addr_l32, 512, 32>,
    Bits<src_start_addr_h8, 544, 8>, Bits<rsvd3, 552, 24>, Bits<dst_start_addr_l32, 576, 32>,
    Bits<dst_start_addr_h8, 608, 8>, Bits<rsvd4, 616, 24>, Bits<mask_start_addr_l32, 640, 32>,
    Bits<mask_start_addr_h8, 672, 32>, Bits<localmem_mask_l32, 704, 32, -1>,
    Bits<localmem_mask_h32, 736, 32, -1>];
}

def GdmaNonzeroBits : Layout<768> {
  let fields = [
    Bits<intr_en, 0, 1>, Bits<stride_enable, 1, 1>, Bits<nchw_copy, 2, 1>, Bits<cmd_short, 3, 1>,
    Bits<decompress_enable, 4, 1>, Bits<cmd_id_en, 5, 4, 1>, Bits<cmd_id, 9, 20>, Bits<rsvd0, 29, 3>,
    Bits<cmd_type, 32, 4>, Bits<cmd_special_function, 36, 3>, Bits<fill_constant_en, 39, 1>,
    Bits<src_data_format, 40, 3>, Bits<index_data_format, 43, 3>, Bits<rsvd1, 46, 18>, Bits<cmd_id_dep, 64, 20>,
    Bits<rsvd2, 84, 12>, Bits<constant_value, 96, 32>, Bits<src_nstride, 128, 32>, Bits<src_cstride, 160, 32>,
    Bits<src_hstride, 192, 32>, Bits<src_wstride, 224, 32>, Bits<base_index, 256, 32>, Bits<dst_cstride, 288, 32>,
    Bits<dst_hstride, 320, 32>, Bits<dst_wstride, 352, 32>, Bits<src_nsize, 384, 16>, Bits<src_csize, 400, 16>,
    Bits<src_hsize, 416, 16>, Bits<src_wsize, 432, 16>, Bits<dst_nsize, 448, 16>, Bits<dst_csize, 464, 16>,
    Bits<dst_hsize, 480, 16>, Bits<dst_wsize, 496, 16>, Bits<src_start_addr_l32, 512, 32>,
    Bits<src_start_addr_h8, 544, 8>, Bits<rsvd3, 552, 24>, Bits<dst_start_addr_l32, 576, 32>,
    Bits<dst_start_addr_h8, 608, 8>, Bits<rsvd4, 616, 24>, Bits<rsvd5, 640, 32>, Bits<rsvd6, 672, 32>,
    Bits<localmem_mask_l32, 704, 32, -1>,
    Bits<localmem_mask_h32, 736, 32, -1>];
}

def ShortGdmaGeneralBits : Layout<384> {
  let fields = [
    Bits<intr_en, 0, 1>, Bits<stride_enable, 1, 1>, Bits<nchw_copy, 2, 1>, Bits<cmd_short, 3, 1>,
    Bits<decompress_enable, 4, 1>, Bits<cmd_id_en, 5, 4, 1>, Bits<cmd_id, 9, 20>, Bits<rsvd0, 29, 3>,
    Bits<cmd_type, 32, 4>, Bits<cmd_special_function, 36, 3>, Bits<fill_constant_en, 39, 1>,
    Bits<src_data_format, 40, 3>, Bits<rsvd1, 43, 21>, Bits<cmd_id_dep, 64, 20>, Bits<rsvd2, 84, 12>,
    Bits<constant_value, 96, 32>, Bits<move_length, 128, 32>, Bits<dst_csize, 160, 16>, Bits<rsvd3, 176, 16>,
    Bits<src_start_addr_l32, 192, 32>, Bits<src_start_addr_h8, 224, 8>, Bits<rsvd4, 232, 24>,
    Bits<dst_start_addr_l32, 256, 32>, Bits<dst_start_addr_h8, 288, 8>, Bits<rsvd5, 296, 24>,
    Bits<localmem_mask_l32, 320, 32, -1>, Bits<localmem_mask_h32, 352, 32, -1>];
}

def ShortGdmaMaskedSelectBits : Layout<512> {
  let fields = [
    Bits<intr_en, 0, 1>, Bits<stride_enable, 1, 1>, Bits<nchw_copy, 2, 1>, Bits<cmd_short, 3, 1>,
    Bits<decompress_enable, 4, 1>, Bits<cmd_id_en, 5, 4, 1>, Bits<cmd_id, 9, 20>, Bits<rsvd0, 29, 3>,
    Bits<cmd_type, 32, 4>, Bits<cmd_special_function, 36, 3>, Bits<fill_constant_en, 39, 1>,
    Bits<src_data_format, 40, 3>, Bits<mask_data_format, 43, 3>, Bits<rsvd1, 46, 18>, Bits<cmd_id_dep, 64, 20>,
    Bits<rsvd2, 84, 12>, Bits<src_nsize, 96, 16>, Bits<src_csize, 112, 16>, Bits<src_hsize, 128, 16>,
    Bits<src_wsize, 144, 16>, Bits<dst_nsize, 160, 16>, Bits<dst_csize, 176, 16>, Bits<dst_hsize, 192, 16>,
    Bits<dst_wsize, 208, 16>, Bits<src_start_addr_l32, 224, 32>, Bits<src_start_addr_h8, 256, 8>,
    Bits<rsvd3, 264, 24>, Bits<dst_start_addr_l32, 288, 32>, Bits<dst_start_addr_h8, 320, 8>, Bits<rsvd4, 328, 24>,
    Bits<mask_start_addr_l32, 352, 32>, Bits<mask_start_addr_h8, 384, 32>, Bits<rsvd5, 416, 32>, Bits<rsvd6, 448, 32>,
    Bits<rsvd7, 480, 32>];
}

def ShortGdmaMatrixBits : Layout<512> {
  let fields = [
    Bits<intr_en, 0, 1>, Bits<stride_enable, 1, 1>, Bits<nchw_copy, 2, 1>, Bits<cmd_short, 3, 1>,
    Bits<decompress_enable, 4, 1>, Bits<cmd_id_en, 5, 4, 1>, Bits<cmd_id, 9, 20>, Bits<rsvd0, 29, 3>,
    Bits<cmd_type, 32, 4>, Bits<cmd_special_function, 36, 3>, Bits<fill_constant_en, 39, 1>,
    Bits<src_data_format, 40, 3>, Bits<rsvd1, 43, 21>, Bits<cmd_id_dep, 64, 20>, Bits<rsvd2, 84, 12>,
    Bits<sys_hstride, 96, 32>, Bits<lmem_nstride, 128, 32>, Bits<lmem_cstride, 160, 32>, Bits<sys_hsize, 192, 16>,
    Bits<sys_wsize, 208, 16>, Bits<lmem_nsize, 224, 16>, Bits<lmem_csize, 240, 16>, Bits<lmem_wsize, 256, 16>,
    Bits<rsvd3, 272, 16>, Bits<src_start_addr_l32, 288, 32>, Bits<src_start_addr_h8, 320, 8>, Bits<rsvd4, 328, 24>,
    Bits<dst_start_addr_l32, 352, 32>, Bits<dst_start_addr_h8, 384, 8>, Bits<rsvd5, 392, 24>, Bits<rsvd6, 416, 32>,
    Bits<localmem_mask_l32, 448, 32, -1>, Bits<localmem_mask_h32, 480, 32, -1>];
}

def ShortGdmaNonzeroBits : Layout<384> {
  let fields = [
    Bits<intr_en, 0, 1>, Bits<stride_enable, 1, 1>, Bits<nchw_copy, 2, 1>, Bits<cmd_short, 3, 1>,
    Bits<decompress_enable, 4, 1>, Bits<cmd_id_en, 5, 4, 1>, Bits<cmd_id, 9, 20>, Bits<rsvd0, 29, 3>,
    Bits<cmd_type, 32, 4>, Bits<cmd_special_function, 36, 3>, Bits<fill_constant_en, 39, 1>,
    Bits<src_data_format, 40, 3>, Bits<index_data_format, 43, 3>, Bits<rsvd1, 46, 18>, Bits<cmd_id_dep, 64, 20>,
    Bits<rsvd2, 84, 12>, Bits<base_index, 96, 32>, Bits<src_nsize, 128, 16>, Bits<src_csize, 144, 16>,
    Bits<src_hsize, 160, 16>, Bits<src_wsize, 176, 16>, Bits<src_start_addr_l32, 192, 32>,
    Bits<src_start_addr_h8, 224, 8>, Bits<rsvd3, 232, 24>, Bits<dst_start_addr_l32, 256, 32>,
    Bits<dst_start_addr_h8, 288, 8>, Bits<rsvd4, 296, 24>, Bits<rsvd5, 320, 32>, Bits<rsvd6, 352, 32>];
}

def ShortGdmaSysBits : Layout<128> {
  let fields = [
    Bits<intr_en, 0, 1>, Bits<stride_enable, 1, 1>, Bits<nchw_copy, 2, 1>, Bits<cmd_short, 3, 1>,
    Bits<decompress_enable, 4, 1>, Bits<cmd_id_en, 5, 4, 1>, Bits<cmd_id, 9, 20>, Bits<rsvd0, 29, 3>,
    Bits<cmd_type, 32, 4>, Bits<cmd_special_function, 36, 3>, Bits<fill_constant_en, 39, 1>,
    Bits<src_data_format, 40, 3>, Bits<rsvd1, 43, 21>, Bits<cmd_id_dep, 64, 20>, Bits<rsvd2, 84, 12>,
    Bits<constant_value, 96, 32>];
}
