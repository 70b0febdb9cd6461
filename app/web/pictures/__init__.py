"""Pictures: views of a query's rows that are drawn. A module's ``lay_out`` says where, the template draws.

A picture gives positions in per cent of its width and height, and text in pixels: so it is as legible on a narrow
screen as on a wide one. Every picture is bounded, whatever the rows hold: what is not drawn is counted, and stands in
the table.
"""
