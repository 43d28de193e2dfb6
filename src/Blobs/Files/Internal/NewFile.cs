using System.ComponentModel;
using Blobs.Errors;

namespace Blobs.Files.Internal;

/// <summary>A new file under a temporary name, whose errors show the final name.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class NewFile : OutputStream
{
    private readonly FileStream _file;
    private readonly string _name;

    private NewFile(FileStream file, string name)
        : base(file.SafeFileHandle, name, canSeek: false)
    {
        _file = file;
        _name = name;
    }

    /// <summary>Creates the file.</summary>
    /// <param name="path">The temporary path.</param>
    /// <param name="name">The name that errors show.</param>
    /// <param name="mode">Its mode, exactly; what the process's mask leaves of the usual one when null.</param>
    /// <exception cref="SystemCallException">The file exists, or cannot be created.</exception>
    public static NewFile Create(string path, string name, UnixFileMode? mode = null)
    {
        try
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Share = FileShare.Read,
                BufferSize = 0,
                UnixCreateMode = mode,
            };
            var file = new FileStream(path, options);
            try
            {
                if (mode is { } exact)
                {
                    File.SetUnixFileMode(file.SafeFileHandle, exact);
                }

                return new NewFile(file, name);
            }
            catch
            {
                file.Dispose();
                File.Delete(path);
                throw;
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Errno.Error("open", fault, name);
        }
    }

    /// <summary>Flushes the file to disk (fsync(2)).</summary>
    public void FlushToDisk() => FileHandle.FlushToDisk(_file.SafeFileHandle, _name);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
        }

        base.Dispose(disposing);
    }
}
