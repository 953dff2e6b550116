"""The surface of tpu_mlir.ir."""

from __future__ import annotations

import gc
import threading
import time

import numpy as np
import pytest
from tpu_mlir import ir
from tpu_mlir.dialects import top, tpu


@pytest.fixture
def context():
    with ir.Context() as context, ir.Location.unknown():
        yield context


def build(context: ir.Context, convolutions: int = 1) -> tuple[ir.Module, list[ir.OpView]]:
    """A function with a chain of convolutions."""
    module = ir.Module.create()
    element = ir.F32Type.get()
    shape = ir.RankedTensorType.get([1, 3, 8, 8], element)
    unranked = ir.UnrankedTensorType.get(element)
    signature = ir.FunctionType.get([shape], [unranked])
    with ir.InsertionPoint(module.body):
        function = ir.Operation.create(
            "func.func", attributes={"sym_name": "main", "function_type": ir.TypeAttr.get(signature)}, regions=1
        )
    block = function.regions[0].append_block([shape])
    made = []
    with ir.InsertionPoint(block):
        none = top.NoneOp(ir.NoneType.get())
        value = top.InputOp(shape, block.arguments[0], loc=ir.Location.name("x")).output
        for i in range(convolutions):
            weight = top.WeightOp(ir.RankedTensorType.get([3, 3, 3, 3], element), loc=ir.Location.name(f"w{i}"))
            conv = top.ConvOp(
                unranked, value, weight, none, [3, 3], [1, 1], [1, 1, 1, 1], loc=ir.Location.name(f"c{i}")
            )
            made.append(conv)
            value = conv.output
        ir.Operation.create("func.return", operands=[value])
    return module, made


def test_generated_classes_build_valid_ops_with_defaults_and_names(context):
    module, (conv,) = build(context)
    assert module.operation.verify()
    assert conv.OPERATION_NAME == "top.Conv"
    assert conv.kernel_shape.value == [3, 3]
    assert conv.group.value == 1
    assert conv.location.name_str == "c0"
    assert conv.do_relu.value is False
    text = module.operation.get_asm(enable_debug_info=True)
    assert 'loc("c0")' in text
    assert str(ir.Module.parse(text)) == str(module)
    assert tpu.Conv2DOp.OPERATION_NAME == "tpu.Conv2D"


def test_printing_options_change_the_text(context):
    module, _ = build(context)
    assert "loc(" not in str(module)
    assert '"func.func"' in module.operation.get_asm(print_generic_op_form=True)
    assert ir.Module.parse(module.operation.to_bytecode()).operation.verify()


def test_attributes_map_to_python_values_and_back(context):
    for value in (True, 7, -3, 2.5, "text", [1, 2], ["a", 1.5], {"k": 1}):
        assert ir.Attribute.of(value).value == value
    assert ir.Attribute.of(np.int64(5)).value == 5
    assert ir.Attribute.of(np.array([1, 2])).value == [1, 2]
    assert isinstance(ir.Attribute.of(True), ir.BoolAttr)
    assert isinstance(ir.Attribute.parse("[1, 2]"), ir.ArrayAttr)
    signed = ir.IntegerAttr.get(ir.IntegerType.get_signed(32), -1)
    assert str(signed) == "-1 : si32"
    assert signed.value == -1
    unsigned = ir.IntegerAttr.get(ir.IntegerType.get_unsigned(8), 255)
    assert unsigned.value == 255
    with pytest.raises(ValueError, match="does not fit"):
        ir.IntegerAttr.get(ir.IntegerType.get_signless(8), 300)
    with pytest.raises(TypeError, match="object"):
        ir.Attribute.of(object())


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int8", "int32", "int64", "uint8"])
def test_dense_attributes_keep_arrays(context, dtype):
    array = np.arange(6).reshape(2, 3).astype(dtype)
    attribute = ir.DenseElementsAttr.get(array)
    assert np.array_equal(attribute.to_numpy(), array)
    assert attribute.to_numpy().dtype == array.dtype
    splat = ir.DenseElementsAttr.get(np.full((4, 5), 3, dtype))
    assert splat.is_splat
    assert np.array_equal(splat.to_numpy(), np.full((4, 5), 3, dtype))


def test_types_have_their_classes_and_properties(context):
    tensor = ir.Type.parse("tensor<1x?x4xbf16, 4096 : i64>")
    assert isinstance(tensor, ir.RankedTensorType)
    assert isinstance(tensor.element_type, ir.BF16Type)
    assert tensor.shape[0] == 1
    assert tensor.is_dynamic_dim(1)
    assert not tensor.has_static_shape
    assert tensor.encoding.value == 4096
    quantized = ir.Type.parse("!quant.uniform<i8:f32, 0.5:3>")
    assert (quantized.scale, quantized.zero_point) == (0.5, 3)
    calibrated = ir.Type.parse("!quant.calibrated<f32<-1.0:2.0>>")
    assert (calibrated.min, calibrated.max) == (-1.0, 2.0)
    with pytest.raises(ValueError, match="not a RankedTensorType"):
        ir.RankedTensorType(ir.F32Type.get())
    with pytest.raises(ir.MLIRError, match="cannot parse the type"):
        ir.Type.parse("tensor<")


def test_values_know_owner_users_and_can_be_replaced(context):
    module, convs = build(context, 2)
    first, second = convs
    assert first.output.owner == first
    assert [user.name for user in first.output.users] == ["top.Conv"]
    use = first.output.uses[0]
    assert use.owner == second
    assert use.operand_number == 0
    source = first.operands[0]
    first.output.replace_all_uses_with(source)
    assert second.operands[0] == source
    assert len(first.output.uses) == 0
    first.erase()
    assert module.operation.verify()


def test_erasing_a_used_operation_is_refused(context):
    _, convs = build(context, 2)
    with pytest.raises(ValueError, match="still have uses"):
        convs[0].erase()


def test_stale_handles_raise(context):
    module, (conv,) = build(context)
    value = conv.output
    weight = conv.operands[1].owner
    ir.PassManager.parse("builtin.module(canonicalize)").run(module)
    for use in (lambda: conv.name, lambda: value.type, lambda: weight.location, lambda: conv.operands[0]):
        with pytest.raises(RuntimeError, match="stale"):
            use()
    assert module.operation.verify()


def test_values_survive_their_module_handle():
    with ir.Context() as context, ir.Location.unknown():
        module, (conv,) = build(context)
        value = conv.output
        del module, conv, context
    gc.collect()
    assert str(value.type) == "tensor<*xf32>"


def test_walk_visits_all_and_honours_its_answers(context):
    module, _ = build(context, 3)
    seen: list[str] = []
    module.operation.walk(lambda op: seen.append(op.name))
    assert seen.count("top.Conv") == 3
    assert seen[-1] == "builtin.module"
    seen.clear()

    def until_conv(op):
        seen.append(op.name)
        return ir.WalkResult.INTERRUPT if op.name == "top.Conv" else None

    module.operation.walk(until_conv, ir.WalkOrder.PRE_ORDER)
    assert seen.count("top.Conv") == 1
    seen.clear()
    module.operation.walk(lambda op: (seen.append(op.name), "skip" if op.name == "func.func" else None)[1], "pre")
    assert seen == ["builtin.module", "func.func"]


def test_a_walk_may_erase_what_it_visits(context):
    module, (_, last) = build(context, 2)
    last.output.replace_all_uses_with(last.operands[0])
    module.operation.walk(lambda op: op.erase() if op.name == "top.Conv" and not op.result.uses else None)
    assert str(module).count("top.Conv") == 1


def test_insertion_points_place_and_move_operations(context):
    module, (conv,) = build(context)
    with ir.InsertionPoint(conv):
        relu = top.ReluOp(conv.result.type, conv.operands[0])
    names = [op.name for op in conv.operation.block.operations]
    assert names.index("top.Relu") == names.index("top.Conv") - 1
    conv.operands[0] = relu.output
    assert module.operation.verify()
    relu.move_after(conv)
    with pytest.raises(ir.MLIRError, match="dominate"):
        module.operation.verify()
    detached = ir.Operation.create("top.None", results=[ir.NoneType.get()], ip=False)
    ir.InsertionPoint.at_block_terminator(conv.operation.block).insert(detached)
    assert detached.parent.name == "func.func"


def test_an_operation_cannot_be_put_into_itself(context):
    module = ir.Module.create()
    with pytest.raises(ValueError, match="into itself"):
        ir.InsertionPoint(module.body).insert(module.operation)
    with pytest.raises(ValueError, match="into itself"):
        module.body.append(module.operation)


def test_parser_and_verifier_errors_are_exceptions_with_a_place(context):
    with pytest.raises(ir.MLIRError, match="model.mlir:2:3") as caught:
        ir.Module.parse("module {\n  nonsense\n}", name="model.mlir")
    assert caught.value.diagnostics[0].line == 2
    with pytest.raises(ir.MLIRError, match="one of SAME_UPPER"):
        module, (conv,) = build(context)
        conv.attributes["auto_pad"] = "NOWHERE"
        module.operation.verify()
    with pytest.raises(FileNotFoundError):
        ir.Module.parseFile("/does/not/exist.mlir")
    with pytest.raises(ValueError, match=r"no operation 'top\.Nothing'"):
        ir.Operation.create("top.Nothing")
    with pytest.raises(ValueError, match="bad pass pipeline"):
        ir.PassManager.parse("builtin.module(no-such-pass)")


def test_a_pipeline_for_another_anchor_is_refused(context):
    module, _ = build(context)
    with pytest.raises(ValueError, match=r"made for func\.func"):
        ir.PassManager.parse("func.func(canonicalize)").run(module)


def test_defaults_come_from_with_statements():
    with pytest.raises(ValueError, match="no context"):
        ir.F32Type.get()
    with ir.Context() as outer:
        with ir.Context() as inner:
            assert ir.Context.current is inner
        assert ir.Context.current is outer
        assert ir.F32Type.get().context is outer


def test_passes_release_the_gil_and_keep_the_context_to_themselves():
    with ir.Context() as context, ir.Location.unknown():
        module, _ = build(context, 2000)
        ticks = 0
        refused = 0
        stop = threading.Event()

        def tick() -> None:
            nonlocal ticks, refused
            while not stop.is_set():
                ticks += 1
                try:
                    str(module.operation.name)
                except RuntimeError as error:
                    refused += "another thread" in str(error)
                time.sleep(0.0005)

        thread = threading.Thread(target=tick)
        thread.start()
        try:
            manager = ir.PassManager.parse("builtin.module(canonicalize,cse,canonicalize)")
            before = ticks
            for _ in range(3):
                manager.run(module)
            during = ticks - before
        finally:
            stop.set()
            thread.join()
        assert during > 3
        assert refused > 0


def test_threads_with_contexts_of_their_own_work_at_once():
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(5):
                with ir.Context() as context, ir.Location.unknown():
                    module, _ = build(context, 50)
                    ir.PassManager.parse("builtin.module(canonicalize)").run(module)
                    assert ir.Module.parse(str(module)).operation.verify()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_nothing_stays_alive_after_use():
    context = ir.Context()
    with context, ir.Location.unknown():
        module, convs = build(context, 20)
        assert context._live_operations() > 20
        del convs, module
        gc.collect()
    assert context._live_operations() == 0


def test_random_text_never_crashes(context):
    random = np.random.default_rng(3)
    text = str(build(context, 2)[0])
    for _ in range(200):
        damaged = list(text)
        for _ in range(random.integers(1, 6)):
            damaged[random.integers(len(damaged))] = chr(random.integers(32, 127))
        try:
            ir.Module.parse("".join(damaged)).operation.verify()
        except ir.MLIRError as error:
            assert str(error)
    bytecode = bytearray(build(context)[0].operation.to_bytecode())
    for _ in range(100):
        damaged = bytearray(bytecode)
        damaged[random.integers(len(damaged))] ^= 1 << random.integers(8)
        try:
            ir.Module.parse(bytes(damaged)).operation.verify()
        except (ir.MLIRError, UnicodeDecodeError) as error:
            assert str(error)
