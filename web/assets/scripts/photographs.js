// A photograph of many megabytes becomes one that shows the same: at most 2560 pixels wide or high, as JPEG. What this browser
// cannot read stays as it is, and the server says whether it is too large.
const LARGE = 3_000_000;
const SIDE = 2560;
const IS_PHOTOGRAPH = /^image\/(jpeg|png|webp|heic|heif)$/;

export const shrunk = async (file) => {
  if (file.size < LARGE || !(IS_PHOTOGRAPH.test(file.type) || /\.(heic|heif)$/i.test(file.name))) return null;
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
    return blob && blob.size < file.size ? blob : null;
  } catch {
    return null;
  }
};
