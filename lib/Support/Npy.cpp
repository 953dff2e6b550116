// Header text of .npy arrays: a tiny reader of the Python dictionary that NumPy writes, and its writer.
#include "Npy.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/raw_ostream.h"

#include <optional>

using namespace tpu_mlir;
using namespace tpu_mlir::npy;

namespace {

llvm::Error bad(const llvm::Twine &what) { return llvm::createStringError(what); }

// Cuts tokens off the front of the header text.
class Scanner {
public:
  explicit Scanner(llvm::StringRef text) : rest(text) {}

  bool eat(char c) {
    rest = rest.ltrim();
    return rest.consume_front(llvm::StringRef(&c, 1));
  }
  std::optional<llvm::StringRef> quoted() {
    rest = rest.ltrim();
    if (rest.empty() || (rest[0] != '\'' && rest[0] != '"'))
      return std::nullopt;
    const size_t end = rest.find(rest[0], 1);
    if (end == llvm::StringRef::npos)
      return std::nullopt;
    const llvm::StringRef word = rest.slice(1, end);
    rest = rest.drop_front(end + 1);
    return word;
  }
  std::optional<bool> boolean() {
    rest = rest.ltrim();
    if (rest.consume_front("True"))
      return true;
    if (rest.consume_front("False"))
      return false;
    return std::nullopt;
  }
  std::optional<int64_t> number() {
    rest = rest.ltrim();
    int64_t value;
    if (rest.empty() || rest[0] < '0' || rest[0] > '9' || rest.consumeInteger(10, value))
      return std::nullopt;
    rest.consume_front("L"); // Python 2
    return value;
  }
  bool done() { return rest.trim().empty(); }

private:
  llvm::StringRef rest;
};

std::optional<Source> parseDescr(llvm::StringRef descr) {
  return llvm::StringSwitch<std::optional<Source>>(descr)
      .Case("<f4", Source::F4)
      .Case("<f8", Source::F8)
      .Case("<f2", Source::F2)
      .Cases({"|u1", "<u1", ">u1"}, Source::U1)
      .Cases({"|i1", "<i1", ">i1"}, Source::I1)
      .Case("<u2", Source::U2)
      .Case("<i2", Source::I2)
      .Case("<u4", Source::U4)
      .Case("<i4", Source::I4)
      .Case("<u8", Source::U8)
      .Case("<i8", Source::I8)
      .Cases({"|b1", "<b1", ">b1"}, Source::Bool)
      .Default(std::nullopt);
}

bool parseShape(Scanner &scan, std::vector<int64_t> &shape) {
  if (!scan.eat('('))
    return false;
  while (!scan.eat(')')) {
    std::optional<int64_t> dim = scan.number();
    if (!dim)
      return false;
    shape.push_back(*dim);
    if (!scan.eat(','))
      return scan.eat(')');
  }
  return true;
}

llvm::StringRef descrOf(ElementType type) {
  switch (type) {
  case ElementType::F32:
    return "<f4";
  case ElementType::F16:
  case ElementType::BF16:
  case ElementType::U16:
    return "<u2";
  case ElementType::I16:
    return "<i2";
  case ElementType::I8:
    return "|i1";
  case ElementType::U8:
    return "|u1";
  case ElementType::I32:
    return "<i4";
  case ElementType::U32:
    return "<u4";
  case ElementType::I64:
    return "<i8";
  case ElementType::None:
    break;
  }
  return "";
}

} // namespace

std::string npy::printable(llvm::StringRef name) {
  std::string text = name.str();
  for (char &c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      c = '?';
  return text;
}

size_t npy::sourceBytes(Source source) {
  switch (source) {
  case Source::U1:
  case Source::I1:
  case Source::Bool:
    return 1;
  case Source::F2:
  case Source::U2:
  case Source::I2:
    return 2;
  case Source::F8:
  case Source::U8:
  case Source::I8:
    return 8;
  default:
    return 4;
  }
}

ElementType npy::hostType(Source source) {
  switch (source) {
  case Source::F4:
  case Source::F8:
    return ElementType::F32;
  case Source::F2:
    return ElementType::F16;
  case Source::U1:
  case Source::Bool:
    return ElementType::U8;
  case Source::I1:
    return ElementType::I8;
  case Source::U2:
    return ElementType::U16;
  case Source::I2:
    return ElementType::I16;
  case Source::U4:
    return ElementType::U32;
  case Source::I4:
    return ElementType::I32;
  case Source::U8:
  case Source::I8:
    return ElementType::I64;
  }
  return ElementType::None;
}

llvm::Expected<Header> npy::parseHeader(llvm::StringRef text) {
  Header header;
  std::optional<llvm::StringRef> descr;
  bool haveOrder = false, haveShape = false;
  Scanner scan(text);
  if (!scan.eat('{'))
    return bad("its header is not a dictionary");
  while (!scan.eat('}')) {
    std::optional<llvm::StringRef> key = scan.quoted();
    if (!key || !scan.eat(':'))
      return bad("its header is malformed");
    if (*key == "descr") {
      descr = scan.quoted();
      if (!descr)
        return bad("it is a structured array; only plain numbers are supported");
    } else if (*key == "fortran_order") {
      std::optional<bool> order = scan.boolean();
      if (!order)
        return bad("its header is malformed");
      header.fortranOrder = *order;
      haveOrder = true;
    } else if (*key == "shape" && !haveShape) {
      if (!parseShape(scan, header.shape))
        return bad("its header has a malformed shape");
      haveShape = true;
    } else {
      return bad("its header has the unexpected key '" + printable(*key) + "'");
    }
    if (!scan.eat(',') && !scan.eat('}'))
      return bad("its header is malformed");
    else if (scan.done())
      break;
  }
  if (!scan.done() || !descr || !haveOrder || !haveShape)
    return bad("its header is incomplete");
  std::optional<Source> source = parseDescr(*descr);
  if (!source)
    return bad("its element type '" + printable(*descr) +
               "' is not supported; use little-endian float16/32/64, int8/16/32/64, uint8/16/32/64 or bool");
  header.source = *source;
  if (header.shape.size() > 32)
    return bad("it has more than 32 dimensions");
  header.elements = 1;
  for (int64_t dim : header.shape)
    if (__builtin_mul_overflow(header.elements, dim, &header.elements) || header.elements > (int64_t{1} << 40))
      return bad("its shape is impossibly large");
  return header;
}

std::string npy::makePreamble(const Tensor &tensor) {
  std::string dictionary;
  llvm::raw_string_ostream os(dictionary);
  os << "{'descr': '" << descrOf(tensor.type()) << "', 'fortran_order': False, 'shape': (";
  for (int64_t axis = 0; axis < tensor.rank(); ++axis)
    os << (axis ? ", " : "") << tensor.dim(axis);
  os << (tensor.rank() == 1 ? ",), }" : "), }");
  // NumPy pads with spaces and a line feed so that the data start at a multiple of 64 bytes.
  constexpr size_t fixedBytes = 10; // magic, version, length
  const size_t total = (fixedBytes + dictionary.size() + 1 + 63) / 64 * 64;
  dictionary.append(total - fixedBytes - dictionary.size() - 1, ' ');
  dictionary += '\n';
  std::string preamble("\x93NUMPY\x01\x00", 8);
  preamble += static_cast<char>(dictionary.size() & 0xff);
  preamble += static_cast<char>(dictionary.size() >> 8);
  return preamble + dictionary;
}
