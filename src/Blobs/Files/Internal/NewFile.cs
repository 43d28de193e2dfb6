using System.ComponentModel;
using Blobs.Errors;

namespace Blobs.Files.Internal;

/// <summary>A file that is being made under another name than it is to have: what goes wrong is said with the name that it is to
/// have.</summary>
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

    /// <summary>Makes it.</summary>
    /// <param name="path">Where it is until it is whole.</param>
    /// <param name="name">What it is to be called.</param>
    /// <param name="mode">Its mode, exactly; what the process's mask leaves of the usual one when null.</param>
    /// <exception cref="SystemCallException">It is there already, or cannot be made.</exception>
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

    /// <summary>Waits until its bytes are on disk.</summary>
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
