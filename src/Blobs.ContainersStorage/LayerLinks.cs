using System.Text;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;

namespace Blobs.ContainersStorage;

/// <summary>The short names of layers, by which overlayfs is told the layers below another one.</summary>
internal static class LayerLinks
{
    private const int LayersMax = 500;
    private const string Directory = "l/";

    /// <summary>What the file <c>lower</c> says of a layer on top of another: the layers below, the nearest first.</summary>
    public static string Below(StorePaths paths, string parent)
    {
        string link = Read(paths, parent)
            ?? throw new StoreException(
                paths.LinkFile(parent), $"{paths.LinkFile(parent)}: is missing or damaged, so no layer can be put on it");
        string? lower = SmallFile.TryReadText(paths.LowerFile(parent));
        string below = string.IsNullOrEmpty(lower) ? Directory + link : $"{Directory}{link}:{lower}";
        return below.Count(letter => letter == ':') < LayersMax
            ? below
            : throw new StoreException(
                paths.Layer(parent), $"layer {parent}: there are {LayersMax} layers below it, as many as a store can have");
    }

    /// <summary>Makes the short name of a layer.</summary>
    public static void Make(StorePaths paths, string id, string link)
    {
        using DirectoryHandle links = DirectoryHandle.Open(paths.Links);
        byte[] nameZ = Terminated(link);
        Errno.ThrowIfSet("symlink", links.MakeSymlink(nameZ, Terminated($"../{id}/diff")), nameZ);
    }

    /// <summary>Removes the short name of a layer.</summary>
    public static void Remove(StorePaths paths, string id)
    {
        if (Read(paths, id) is { } link)
        {
            File.Delete(Path.Combine(paths.Links, link));
        }
    }

    private static string? Read(StorePaths paths, string id) =>
        SmallFile.TryReadText(paths.LinkFile(id))?.Trim() is { Length: > 0 } link && link.All(char.IsAsciiLetterOrDigit) ? link : null;

    private static byte[] Terminated(string text) => [.. Encoding.ASCII.GetBytes(text), 0];
}
