"""Files and folders on local disks and object stores: paths, formats, and writes that are whole or absent."""
