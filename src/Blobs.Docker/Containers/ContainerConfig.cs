using System.Text.Json;
using Blobs.Errors;
using Blobs.Hashing.Internal;
using Blobs.Oci;

namespace Blobs.Docker.Containers;

/// <summary>Merges the options of a container with the config of its image (dockerd 20.10, package daemon,
/// merge).</summary>
internal static class ContainerConfig
{
    /// <exception cref="StoreException">There is nothing to run, or the working directory is not absolute.</exception>
    public static RunConfig Merge(ContainerOptions options, RunConfig image, string imageName, string id)
    {
        bool hasEntrypoint = options.Entrypoint is { Count: > 0 };
        IReadOnlyList<string>? entrypoint = options.Entrypoint ?? image.Entrypoint;
        entrypoint = entrypoint is [""] ? null : entrypoint;
        IReadOnlyList<string>? command = options.Command.Count > 0 ? options.Command : hasEntrypoint ? null : image.Cmd;
        if ((entrypoint?.Count ?? 0) + (command?.Count ?? 0) == 0)
        {
            throw new StoreException(imageName, $"{imageName}: no command specified");
        }

        string? directory = string.IsNullOrEmpty(options.WorkingDir) ? image.WorkingDir : options.WorkingDir;
        if (!string.IsNullOrEmpty(directory) && !directory.StartsWith('/'))
        {
            throw new StoreException(
                imageName, $"the working directory '{directory}' is invalid, it needs to be an absolute path");
        }

        return new RunConfig
        {
            Hostname = options.Hostname ?? DigestText.Shorten(id),
            User = options.User ?? image.User,
            AttachStdout = true,
            AttachStderr = true,
            ExposedPorts = image.ExposedPorts,
            Env = Environment(options.Env, image.Env ?? []),
            Cmd = command,
            Healthcheck = image.Healthcheck is { ValueKind: JsonValueKind.Object } ? image.Healthcheck : null,
            Image = imageName,
            Volumes = image.Volumes is { Count: > 0 } ? image.Volumes : null,
            WorkingDir = Cleaned(directory),
            Entrypoint = entrypoint,
            Labels = Labels(options.Labels, image.Labels),
            StopSignal = image.StopSignal,
            Unknown = image.Unknown,
        };
    }

    /// <summary>Makes a new volume for each volume path of the image (dockerd 20.10, package volume/mounts).</summary>
    /// <exception cref="StoreException">A path is not absolute, or is the root.</exception>
    public static IReadOnlyList<Volume> VolumesOf(RunConfig config, Func<string> newName)
    {
        var volumes = new Dictionary<string, Volume>();
        foreach (string path in config.Volumes?.Keys ?? [])
        {
            string destination = path.StartsWith('/') ? Cleaned(path) : "";
            if (destination.Length <= 1)
            {
                throw new StoreException(path, $"invalid volume specification: '{path}': destination must be absolute, and can't be '/'");
            }

            volumes[destination] = new Volume(newName(), destination);
        }

        return [.. volumes.Values];
    }

    // Cleans a path: absolute, without dots and doubled slashes. The framework refuses some names here that dockerd
    // accepts.
    private static string Cleaned(string? directory)
    {
        if (string.IsNullOrEmpty(directory))
        {
            return "";
        }

        var names = new List<string>();
        foreach (string name in directory.Split('/'))
        {
            if (name == "..")
            {
                names.RemoveRange(Math.Max(0, names.Count - 1), Math.Min(1, names.Count));
            }
            else if (name is not ("" or "."))
            {
                names.Add(name);
            }
        }

        return $"/{string.Join('/', names)}";
    }

    // The options' variables first, then those of the image that they do not override.
    private static string[]? Environment(IReadOnlyList<string> own, IReadOnlyList<string> image)
    {
        HashSet<string> names = [.. own.Select(NameOf)];
        string[] all = [.. own, .. image.Where(entry => !names.Contains(NameOf(entry)))];
        return all.Length > 0 ? all : null;

        static string NameOf(string entry) => entry.Split('=', 2)[0];
    }

    private static Dictionary<string, string> Labels(
        IReadOnlyDictionary<string, string> own, IReadOnlyDictionary<string, string>? image)
    {
        var all = new Dictionary<string, string>(own);
        foreach ((string name, string value) in image ?? new Dictionary<string, string>())
        {
            all.TryAdd(name, value);
        }

        return all;
    }
}
