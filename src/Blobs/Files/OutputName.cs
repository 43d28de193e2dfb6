using System.Globalization;
using System.Text;
using Blobs.Errors;
using Blobs.Files.Internal;

namespace Blobs.Files;

/// <summary>The name of an output, symbolic links resolved: a descriptor of this process, or a name in a directory,
/// taken or free.</summary>
internal sealed class OutputName : IDisposable
{
    private const string ProcessFiles = "/proc/";
    private const int LinksMax = 40;

    private OutputName(string shown) => Shown = shown;

    /// <summary>The name as the user gave it, for messages.</summary>
    public string Shown { get; }

    /// <summary>The descriptor of this process that it names; null for a file.</summary>
    public int? Descriptor { get; private init; }

    /// <summary>Whether it is another process's open file, which has no name to be replaced.</summary>
    public bool IsOthersDescriptor { get; private init; }

    public DirectoryHandle? Directory { get; private init; }

    public byte[] NameZ { get; private init; } = [];

    /// <summary>Status of the existing file; null when there is none.</summary>
    public FileStatus? Status { get; private init; }

    /// <exception cref="BlobsException">It cannot name an output.</exception>
    public static OutputName Resolve(string name)
    {
        if (name == OutputFile.StandardOutput)
        {
            return new OutputName("standard output") { Descriptor = 1 };
        }

        byte[] path = Encoding.UTF8.GetBytes(name);
        DirectoryHandle? from = null;
        try
        {
            for (int links = 0; links <= LinksMax; links++)
            {
                int slash = path.AsSpan().LastIndexOf((byte)'/');
                byte[] last = [.. path.AsSpan(slash + 1), 0];
                byte[] above = slash < 0 ? [.. "."u8, 0] : slash == 0 ? [.. "/"u8, 0] : [.. path.AsSpan(0, slash), 0];
                int errno = DirectoryCalls.TryOpen(from, above, out DirectoryHandle? directory);
                if (errno != Errno.None)
                {
                    throw new SystemCallException("open", errno, name, $"{name}: its directory: {Errno.Describe(errno)}");
                }

                from?.Dispose();
                from = directory!;
                if (last.AsSpan()[..^1] is [] or [(byte)'.'] or [(byte)'.', (byte)'.'])
                {
                    throw IsDirectory(name);
                }

                if (Find(name, from, last) is { } found)
                {
                    from = null;
                    return found;
                }

                path = from.ReadLink(last);
            }

            throw Errno.Error("open", Errno.TooManySymlinks, name);
        }
        finally
        {
            from?.Dispose();
        }
    }

    public void Dispose() => Directory?.Dispose();

    // Null for a symbolic link, which the caller follows.
    private static OutputName? Find(string name, DirectoryHandle directory, byte[] nameZ)
    {
        if (OwnerOf(directory) is { } process && int.TryParse(
            Encoding.UTF8.GetString(nameZ.AsSpan()[..^1]), NumberStyles.None, CultureInfo.InvariantCulture, out int descriptor))
        {
            if (process == Environment.ProcessId)
            {
                directory.Dispose();
                return new OutputName(name) { Descriptor = descriptor };
            }

            return new OutputName(name) { IsOthersDescriptor = true, Directory = directory, NameZ = nameZ };
        }

        int errno = directory.TryGetStatus(nameZ, out FileStatus status);
        return errno switch
        {
            Errno.NotFound => new OutputName(name) { Directory = directory, NameZ = nameZ },
            not Errno.None => throw Errno.Error("stat", errno, name),
            _ when status.IsDirectory => throw IsDirectory(name),
            _ when status.IsSymlink => null,
            _ => new OutputName(name) { Directory = directory, NameZ = nameZ, Status = status },
        };
    }

    // The links in /proc/PID/fd and /proc/PID/task/TID/fd are open files, whatever path the link shows.
    private static int? OwnerOf(DirectoryHandle directory)
    {
        string path = directory.Name;
        if (!path.StartsWith(ProcessFiles, StringComparison.Ordinal) || !path.EndsWith("/fd", StringComparison.Ordinal))
        {
            return null;
        }

        string[] parts = path[ProcessFiles.Length..].Split('/');
        return parts is [_, "fd"] or [_, "task", _, "fd"]
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int process) ? process : null;
    }

    private static SystemCallException IsDirectory(string name) =>
        new("open", Errno.IsDirectory, name, $"{name}: is a directory, expected a file");
}
