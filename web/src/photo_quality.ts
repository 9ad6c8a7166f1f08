// What can be told of a photo before it is sent: its light and its sharpness. The gate decides; this
// saves a walk through the network with a photo that cannot do. Pure.

export interface Quality {
  /** Mean brightness, 0 to 255. */
  light: number;
  /** Variance of the Laplacian of the brightness: low where no edge is sharp. */
  sharpness: number;
}

/** Below and above these a face cannot be made out; tuned as docs/resident-page.md says. */
export const DARKEST = 25;
export const BRIGHTEST = 225;
export const SOFTEST = 12;

/** Returns the light and the sharpness of RGBA pixels, rows of `width`. */
export function quality(pixels: Uint8ClampedArray, width: number, height: number): Quality {
  const grey = new Float32Array(width * height);
  let sum = 0;
  for (let at = 0; at < grey.length; at++) {
    const value =
      0.299 * (pixels[at * 4] ?? 0) + 0.587 * (pixels[at * 4 + 1] ?? 0) + 0.114 * (pixels[at * 4 + 2] ?? 0);
    grey[at] = value;
    sum += value;
  }
  let total = 0;
  let squares = 0;
  let count = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      const edge =
        (grey[at - 1] ?? 0) + (grey[at + 1] ?? 0) + (grey[at - width] ?? 0) + (grey[at + width] ?? 0) - 4 * (grey[at] ?? 0);
      total += edge;
      squares += edge * edge;
      count++;
    }
  }
  const mean = count > 0 ? total / count : 0;
  return { light: grey.length > 0 ? sum / grey.length : 0, sharpness: count > 0 ? squares / count - mean * mean : 0 };
}

/** Returns the word for what is wrong with a photo, or `ready`. */
export function verdict(found: Quality): "dark" | "bright" | "blurred" | "ready" {
  if (found.light < DARKEST) {
    return "dark";
  }
  if (found.light > BRIGHTEST) {
    return "bright";
  }
  return found.sharpness < SOFTEST ? "blurred" : "ready";
}
