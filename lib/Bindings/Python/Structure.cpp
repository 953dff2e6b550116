// Values, blocks and regions, and the sequences of them.
#include "Ir.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/Location.h"

using namespace mlir;
using namespace tpu_mlir::python;

namespace {
struct OperandList {
  OpP op;
};
struct ResultList {
  OpP op;
};
struct Use {
  OpP owner;
  unsigned number;
};
} // namespace

py::object tpu_mlir::python::toPython(const CtxP &ctx, Value value) {
  if (!value)
    return py::none();
  if (isa<OpResult>(value)) {
    PyOpResult result;
    result.owner = wrap(ctx, value.getDefiningOp());
    result.value = value;
    result.epoch = result.owner->epoch;
    return py::cast(result);
  }
  PyBlockArgument argument;
  Operation *parent = cast<BlockArgument>(value).getOwner()->getParentOp();
  if (!parent)
    throw std::runtime_error("the block of this argument is not part of an operation");
  argument.owner = wrap(ctx, parent);
  argument.value = value;
  argument.epoch = argument.owner->epoch;
  return py::cast(argument);
}

PyValue tpu_mlir::python::toValue(py::handle object) {
  if (py::isinstance<PyValue>(object))
    return object.cast<PyValue>();
  OpP op = toOperation(object);
  if (op->get()->getNumResults() != 1)
    throw py::value_error(op->op->getName().getStringRef().str() + " has " + std::to_string(op->op->getNumResults()) +
                          " results where one value is needed");
  return {op, op->op->getResult(0), op->epoch};
}

/// Resolves an index or slice of a sequence of `size` elements with element(i).
template <typename F> static py::object subscript(py::handle key, size_t size, F element) {
  if (py::isinstance<py::slice>(key)) {
    size_t start, stop, step, count;
    if (!key.cast<py::slice>().compute(size, &start, &stop, &step, &count))
      throw py::error_already_set();
    py::list result;
    for (size_t i = 0; i < count; ++i, start += step)
      result.append(element(start));
    return result;
  }
  int64_t index = key.cast<int64_t>();
  if (index < 0)
    index += static_cast<int64_t>(size);
  if (index < 0 || index >= static_cast<int64_t>(size))
    throw py::index_error("index out of range");
  return element(static_cast<size_t>(index));
}

template <typename List, typename Size, typename Element>
static py::class_<List> bindList(py::module_ &m, const char *name, Size size, Element element) {
  return py::class_<List>(m, name)
      .def("__len__", [=](List &l) { return size(l); })
      .def("__getitem__",
           [=](List &l, py::object key) { return subscript(key, size(l), [&](size_t i) { return element(l, i); }); })
      .def("__iter__",
           [=](List &l) {
             py::list all;
             for (size_t i = 0, e = size(l); i < e; ++i)
               all.append(element(l, i));
             return py::iter(all);
           })
      .def("__add__",
           [=](List &l, py::object other) {
             py::list all;
             for (size_t i = 0, e = size(l); i < e; ++i)
               all.append(element(l, i));
             return all + py::list(other);
           })
      .def_property_readonly("types", [=](List &l) {
        py::list types;
        for (size_t i = 0, e = size(l); i < e; ++i)
          types.append(element(l, i).attr("type"));
        return types;
      });
}

static std::string valueName(const PyValue &v, bool localScope) {
  OpPrintingFlags flags;
  if (localScope)
    flags.useLocalScope();
  std::string text;
  llvm::raw_string_ostream os(text);
  v.get().printAsOperand(os, flags);
  return text;
}

static void bindValues(py::module_ &m) {
  py::class_<Use>(m, "OpOperand")
      .def_property_readonly("owner", [](Use &u) { return opView(u.owner); })
      .def_readonly("operand_number", &Use::number);
  py::class_<PyValue>(m, "Value")
      .def_property_readonly("type", [](PyValue &v) { return toPython(v.owner->ctx, v.get().getType()); })
      .def("set_type", [](PyValue &v, const PyType &type) { v.get().setType(type.type); })
      .def_property_readonly("context", [](PyValue &v) { return v.owner->ctx; })
      .def_property_readonly("location", [](PyValue &v) { return PyLoc{v.owner->ctx, v.get().getLoc()}; })
      .def_property_readonly("owner",
                             [](PyValue &v) -> py::object {
                               if (auto argument = dyn_cast<BlockArgument>(v.get()))
                                 return py::cast(PyBlock{v.owner, argument.getOwner()});
                               return opView(v.owner);
                             })
      .def_property_readonly("uses",
                             [](PyValue &v) {
                               std::vector<Use> uses;
                               for (OpOperand &use : v.get().getUses())
                                 uses.push_back({wrap(v.owner->ctx, use.getOwner()), use.getOperandNumber()});
                               return uses;
                             })
      .def_property_readonly("users",
                             [](PyValue &v) {
                               py::list users;
                               for (Operation *user : v.get().getUsers())
                                 users.append(opView(wrap(v.owner->ctx, user)));
                               return users;
                             })
      .def("get_name", &valueName, py::arg("use_local_scope") = false)
      .def("replace_all_uses_with",
           [](PyValue &v, py::object other) { v.get().replaceAllUsesWith(toValue(other).get()); })
      .def("__eq__", [](PyValue &a, PyValue &b) { return a.value == b.value; })
      .def("__eq__", [](PyValue &, py::object) { return false; })
      .def("__hash__", [](PyValue &v) { return static_cast<size_t>(hash_value(v.value)); })
      .def("__str__", [](PyValue &v) { return print(v.get()); })
      .def("__repr__", [](PyValue &v) { return "Value(" + print(v.get()) + ")"; });
  py::class_<PyOpResult, PyValue>(m, "OpResult").def_property_readonly("result_number", [](PyValue &v) {
    return cast<OpResult>(v.get()).getResultNumber();
  });
  py::class_<PyBlockArgument, PyValue>(m, "BlockArgument").def_property_readonly("arg_number", [](PyValue &v) {
    return cast<BlockArgument>(v.get()).getArgNumber();
  });

  bindList<OperandList>(
      m, "OpOperandList", [](OperandList &l) { return l.op->get()->getNumOperands(); },
      [](OperandList &l, size_t i) { return toPython(l.op->ctx, l.op->get()->getOperand(i)); })
      .def("__setitem__", [](OperandList &l, int64_t index, py::object value) {
        int64_t size = l.op->get()->getNumOperands();
        if (index < 0)
          index += size;
        if (index < 0 || index >= size)
          throw py::index_error("operand index out of range");
        l.op->get()->setOperand(static_cast<unsigned>(index), toValue(value).get());
      });
  bindList<ResultList>(
      m, "OpResultList", [](ResultList &l) { return l.op->get()->getNumResults(); },
      [](ResultList &l, size_t i) { return toPython(l.op->ctx, Value(l.op->get()->getResult(i))); });
  m.def("_operands", [](OpP op) { return OperandList{op}; });
  m.def("_results", [](OpP op) { return ResultList{op}; });
}

/// Region of `block` as a handle.
static PyRegion regionOf(const PyBlock &block) { return {block.owner, block.get()->getParent()->getRegionNumber()}; }

static PyBlock newBlock(Region *region, Region::iterator where, const OpP &owner, const std::vector<PyType> &types,
                        const std::optional<std::vector<PyLoc>> &locations) {
  auto *block = new Block;
  region->getBlocks().insert(where, block);
  for (auto [i, type] : llvm::enumerate(types))
    block->addArgument(type.type,
                       locations && i < locations->size() ? (*locations)[i].loc : UnknownLoc::get(owner->ctx->get()));
  return {owner, block};
}

static void bindBlocks(py::module_ &m) {
  auto operations = [](const PyBlock &b) {
    py::list all;
    for (Operation &op : *b.get())
      all.append(opView(wrap(b.owner->ctx, &op)));
    return all;
  };
  py::class_<PyBlock>(m, "Block")
      .def_property_readonly("owner", [](PyBlock &b) { return opView(b.owner); })
      .def_property_readonly("region", &regionOf)
      .def_property_readonly("arguments",
                             [](PyBlock &b) {
                               py::list all;
                               for (BlockArgument argument : b.get()->getArguments())
                                 all.append(toPython(b.owner->ctx, Value(argument)));
                               return all;
                             })
      .def_property_readonly("operations", operations)
      .def("__iter__", [=](PyBlock &b) { return py::iter(operations(b)); })
      .def_property_readonly("terminator",
                             [](PyBlock &b) -> py::object {
                               if (!b.get()->mightHaveTerminator())
                                 return py::none();
                               return opView(wrap(b.owner->ctx, b.block->getTerminator()));
                             })
      .def("add_argument",
           [](PyBlock &b, const PyType &type, const PyLoc &loc) {
             return toPython(b.owner->ctx, Value(b.get()->addArgument(type.type, loc.loc)));
           })
      .def("erase_argument",
           [](PyBlock &b, unsigned index) {
             if (index >= b.get()->getNumArguments())
               throw py::index_error("argument index out of range");
             if (!b.block->getArgument(index).use_empty())
               throw py::value_error("the block argument still has uses");
             b.block->eraseArgument(index);
             ++b.owner->epoch;
           })
      .def("append",
           [](PyBlock &b, py::object object) {
             OpP op = toOperation(object);
             if (!op->owned)
               throw py::value_error("the operation is already in a block");
             if (op->get()->isAncestor(b.owner->op))
               throw py::value_error("an operation cannot be inserted into itself");
             b.get()->push_back(op->get());
             attached(op);
           })
      .def("create_after",
           [](PyBlock &b, py::args types) {
             std::vector<PyType> list;
             for (py::handle type : types)
               list.push_back(type.cast<PyType>());
             Region *region = b.get()->getParent();
             return newBlock(region, std::next(Region::iterator(b.block)), b.owner, list, std::nullopt);
           })
      .def("__eq__", [](PyBlock &a, PyBlock &b) { return a.block == b.block; })
      .def("__eq__", [](PyBlock &, py::object) { return false; })
      .def("__hash__", [](PyBlock &b) { return std::hash<void *>()(b.block); })
      .def("__str__", [](PyBlock &b) { return print(*b.get()); });
  py::class_<PyRegion>(m, "Region")
      .def_property_readonly("owner", [](PyRegion &r) { return opView(r.owner); })
      .def_property_readonly("blocks",
                             [](PyRegion &r) {
                               std::vector<PyBlock> blocks;
                               for (Block &block : *r.get())
                                 blocks.push_back({r.owner, &block});
                               return blocks;
                             })
      .def(
          "append_block",
          [](PyRegion &r, const std::vector<PyType> &types, std::optional<std::vector<PyLoc>> locations) {
            return newBlock(r.get(), r.get()->end(), r.owner, types, locations);
          },
          py::arg("arg_types") = std::vector<PyType>{}, py::arg("arg_locs") = py::none())
      .def("__len__", [](PyRegion &r) { return r.get()->getBlocks().size(); })
      .def("__getitem__",
           [](PyRegion &r, int64_t index) {
             int64_t size = static_cast<int64_t>(r.get()->getBlocks().size());
             if (index < 0)
               index += size;
             if (index < 0 || index >= size)
               throw py::index_error("block index out of range");
             return PyBlock{r.owner, &*std::next(r.get()->begin(), index)};
           })
      .def("__iter__", [](py::object self) { return py::iter(self.attr("blocks")); });
}

void tpu_mlir::python::bindStructure(py::module_ &m) {
  bindValues(m);
  bindBlocks(m);
}
