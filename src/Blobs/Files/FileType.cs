namespace Blobs.Files;

/// <summary>The type bits of a mode (inode(7)).</summary>
internal static class FileType
{
    public const uint Unknown = 0;
    public const uint Fifo = 0x1000;
    public const uint CharacterDevice = 0x2000;
    public const uint Directory = 0x4000;
    public const uint BlockDevice = 0x6000;
    public const uint Regular = 0x8000;
    public const uint Symlink = 0xa000;
    public const uint Socket = 0xc000;
}
