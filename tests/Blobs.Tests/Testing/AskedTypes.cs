using System.Reflection;
using System.Reflection.Emit;

namespace Blobs.Tests.Testing;

/// <summary>The types that compiled code asks an object for: <c>is</c>, <c>as</c>, casts, patterns.</summary>
internal static class AskedTypes
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> Instructions = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(instruction => instruction.Value);

    /// <summary>Every such question in a type, with the method that asks it.</summary>
    public static IEnumerable<(MethodBase Method, Type Asked)> In(Type type) =>
        type.GetMethods(Declared).Concat<MethodBase>(type.GetConstructors(Declared))
            .SelectMany(method => AskedBy(method).Select(asked => (method, asked)));

    private static IEnumerable<Type> AskedBy(MethodBase method)
    {
        byte[] code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        Type[]? ofType = method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null;
        Type[]? ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (int at = 0; at < code.Length;)
        {
            short value = code[at] == 0xFE ? (short)(0xFE00 | code[at + 1]) : code[at];
            OpCode instruction = Instructions[value];
            at += instruction.Size;
            if (instruction == OpCodes.Isinst || instruction == OpCodes.Castclass)
            {
                yield return method.Module.ResolveType(BitConverter.ToInt32(code, at), ofType, ofMethod);
            }
            else if (instruction == OpCodes.Call
                && method.Module.ResolveMethod(BitConverter.ToInt32(code, at), ofType, ofMethod) is { } called
                && called.DeclaringType == typeof(Enumerable) && called.Name is nameof(Enumerable.OfType) or nameof(Enumerable.Cast))
            {
                yield return called.GetGenericArguments()[0];
            }

            at += instruction.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => sizeof(int) * (1 + BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }
}
