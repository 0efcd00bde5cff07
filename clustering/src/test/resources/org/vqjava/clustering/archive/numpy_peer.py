import sys
import numpy as np

arrays = np.load(sys.argv[1])
for name in arrays.files:
    print(name, arrays[name].dtype, arrays[name].shape, arrays[name].ravel().tolist())
np.savez(sys.argv[2], turned=np.asfortranarray(np.arange(6.0).reshape(2, 3)), narrow=np.float32([7]))
