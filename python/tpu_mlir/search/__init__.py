"""Search of quantize tables and thresholds: which layers need float, and which ranges lose least.

The noise that quantizing one value or one weight adds to the outputs is measured alone, on the float network; noises of
different sources add up in power, so the cheapest set of float layers is found without trying sets (``select``), then
proven by evaluating the lowered network (``candidates``). ``docs/quantization.md`` explains the method.
"""
