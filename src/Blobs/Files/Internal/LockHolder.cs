using System.ComponentModel;
using System.Globalization;
using Blobs.Errors;

namespace Blobs.Files.Internal;

/// <summary>Describes the process that holds a lock, for messages.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class LockHolder
{
    /// <summary>A process as <c> (dockerd, pid 4711)</c>, to append to a message; empty when it is not known.</summary>
    public static string Describe(int? process)
    {
        if (process is not { } number)
        {
            return "";
        }

        string program = "";
        try
        {
            program = SmallFile.ReadText(string.Create(CultureInfo.InvariantCulture, $"/proc/{number}/comm")).Trim() + ", ";
        }
        catch (BlobsException)
        {
            // It has just ended.
        }

        return string.Create(CultureInfo.InvariantCulture, $" ({program}pid {number})");
    }
}
