using System.Reflection;
using System.Reflection.Emit;

namespace Blobs.Tests.Testing;

/// <summary>Finds the types that compiled code tests for: <c>is</c>, <c>as</c>, casts and patterns.</summary>
internal static class AskedTypes
{
    /// <summary>Returns every type test in a type, with the method that contains it.</summary>
    public static IEnumerable<(MethodBase Method, Type Asked)> In(Type type) => Il.MethodsOf(type)
        .SelectMany(method => Il.NamedIn(method).Select(found => (method, Asked: Asked(found.Instruction, found.Named))))
        .Where(question => question.Asked is not null)
        .Select(question => (question.method, question.Asked!));

    private static Type? Asked(OpCode instruction, MemberInfo named)
    {
        if (instruction == OpCodes.Isinst || instruction == OpCodes.Castclass)
        {
            return (Type)named;
        }

        bool isFilter = instruction == OpCodes.Call && named.DeclaringType == typeof(Enumerable)
            && named.Name is nameof(Enumerable.OfType) or nameof(Enumerable.Cast);
        return isFilter ? ((MethodBase)named).GetGenericArguments()[0] : null;
    }
}
