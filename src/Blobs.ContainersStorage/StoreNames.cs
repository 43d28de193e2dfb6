using Blobs.Errors;
using Blobs.Oci;

namespace Blobs.ContainersStorage;

/// <summary>Finds images by what users call them.</summary>
internal static class StoreNames
{
    private const int IdLengthMin = 3;
    private const string Local = "localhost/";

    /// <summary>The image with a name, an id, or the first digits of that.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public static StoredImage Find(StoreState state, string name)
    {
        if (state.Images.Find(image => image.Names.Any(one => IsMeant(one, name))) is { } named)
        {
            return named;
        }

        if (ByDigest(state, name) is { } found)
        {
            return found;
        }

        string hex = name.StartsWith("sha256:", StringComparison.Ordinal) ? name["sha256:".Length..] : name;
        StoredImage[] byId = hex.Length >= IdLengthMin
            ? [.. state.Images.Where(image => image.Id.StartsWith(hex, StringComparison.Ordinal))]
            : [];
        return byId.Length switch
        {
            1 => byId[0],
            0 => throw new NotFoundException(state.Paths.ImagesFile, $"{state.Paths.Root}: there is no image {name}"),
            _ => throw new StoreException(state.Paths.ImagesFile, $"{name}: {byId.Length} images have ids that begin so"),
        };
    }

    /// <summary>Whether what a user wrote means a name of the store.</summary>
    public static bool IsMeant(string stored, string written) =>
        stored == written
        || (ImageReference.TryParse(written, out ImageReference? full) && stored == $"{full.WithDefaultTag()}")
        || (ImageReference.TryParse(Local + written, out ImageReference? local) && stored == $"{local.WithDefaultTag()}");

    /// <summary>The names that parse.</summary>
    public static IReadOnlyList<ImageReference> Parse(IEnumerable<string> names) =>
        [.. names.Select(name => ImageReference.TryParse(name, out ImageReference? parsed) ? parsed : null).OfType<ImageReference>()];

    // NAME@DIGEST: an image that is called so, whatever its tag, and was stored with that manifest or index.
    private static StoredImage? ByDigest(StoreState state, string name) =>
        ImageReference.TryParse(name, out ImageReference? reference) && reference.Digest is { } digest
            ? state.Images.Find(image =>
                Parse(image.Names).Any(one => one.Name == reference.Name)
                && (image.Digest == digest || image.Items.Contains(ImageRecord.ItemOf(digest))))
            : null;
}
