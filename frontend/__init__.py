"""What browsers get beside the pages: the editor and the outlines of the departments, made by `frontend.build`."""
