using System.CommandLine;
using System.Runtime.Versioning;
using Blobs.ContainersStorage;
using Blobs.Errors;
using Blobs.Transfer;

namespace Blobs.Cli.Stores;

/// <summary>What <c>--root</c> names: a directory, which may be Docker's or podman's, or a place such as
/// <c>containers-storage:</c>.</summary>
[SupportedOSPlatform("linux")]
internal static class RootPlace
{
    private static bool isSaid;

    /// <summary>The place. Where the directory turns out to be podman's, that is said on stderr.</summary>
    /// <param name="arguments">The command line, which may ask to be quiet.</param>
    /// <param name="root">The value of the option.</param>
    public static ImagePlace Of(ParseResult arguments, string root)
    {
        if (IsPlace(root))
        {
            return ImagePlace.ParseStore(root);
        }

        if (!ContainersStore.IsAt(root))
        {
            return new ImagePlace(ImageTransport.DockerData, root, null);
        }

        if (!IsQuiet(arguments) && !isSaid)
        {
            isSaid = true;
            Console.Error.WriteLine($"blobs: {root}: is a store of podman (containers/storage)");
        }

        return new ImagePlace(ImageTransport.ContainersStorage, root, null);
    }

    /// <summary>The directory of the Docker data root, for verbs that work on nothing else.</summary>
    /// <exception cref="WorkFailedException">It is something else.</exception>
    public static string Docker(string root)
    {
        if (IsPlace(root))
        {
            return ImagePlace.ParseStore(root) is { Transport: ImageTransport.DockerData } docker
                ? docker.Path
                : throw new WorkFailedException($"{root}: is no Docker data root, and this verb works on nothing else");
        }

        return ContainersStore.IsAt(root)
            ? throw new WorkFailedException($"{root}: is a store of podman, and this verb works on Docker data roots only")
            : root;
    }

    /// <summary>Why a value of the option makes no sense; null when it does.</summary>
    public static string? FaultIn(string root)
    {
        try
        {
            _ = IsPlace(root) ? ImagePlace.ParseStore(root) : null;
            return null;
        }
        catch (MalformedDataException fault)
        {
            return fault.Message;
        }
    }

    private static bool IsPlace(string root) =>
        ImagePlace.Stores.Any(prefix => root.StartsWith(prefix, StringComparison.Ordinal));

    private static bool IsQuiet(ParseResult arguments) => arguments.CommandResult.Command.Options
        .OfType<Option<bool>>().Any(option => option.Name is "--quiet" or "--json" && arguments.GetValue(option));
}
